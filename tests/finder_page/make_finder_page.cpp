// The finder page of a names file (docs/select.md): make_finder_page NAMES OUT

#include <fstream>
#include <iostream>
#include <sstream>

#include "core/finder_table.hpp"
#include "text/candidate_names.hpp"
#include "text/compat_yaml.hpp"
#include "text/finder_page.hpp"

int main(int count, char** arguments) {
    using namespace sagebuild;
    if (count != 3) return 2;
    std::ifstream file(arguments[1], std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    const auto reading = parse_candidate_names(bytes.str(), arguments[1]);
    if (!reading) {
        std::cerr << render_diagnostics(reading.errors());
        return 1;
    }
    const std::string page = render_finder_page(make_finder_table(reading->candidates, {}, *parse_compat(embedded_compat_files())));
    std::ofstream(arguments[2], std::ios::binary) << page;
}
