#include <filesystem>
#include <fstream>
#include <iostream>

#include "support/example_wheel.hpp"

/// `make_example_wheels DIRECTORY`: what the wheel step makes of the example recipes, for checks by other tools.
int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: make_example_wheels DIRECTORY\n";
        return 2;
    }
    for (const sagebuild::Target& target : {sagebuild::test::example_row(), sagebuild::test::example_universal()}) {
        const auto wheel = sagebuild::test::make_example_wheel(target);
        std::ofstream(std::filesystem::path(arguments[1]) / wheel.file_name, std::ios::binary) << wheel.pack();
    }
    return 0;
}
