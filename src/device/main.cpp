#include <iostream>

#include "device/arguments.hpp"
#include "device/compile.hpp"
#include "device/failure.hpp"
#include "device/fatbin.hpp"

namespace {

using namespace sagebuild::device;

void run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) throw Failure(Exit::usage, "no command: give `compile` or `fatbin`, or `--help`");
    const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (arguments[0] == "--help" || arguments[0] == "-h") {
        std::cout << usage_text;
    } else if (arguments[0] == "compile") {
        compile(parse_compile_arguments(rest), std::cerr);
    } else if (arguments[0] == "fatbin") {
        make_fatbin(parse_fatbin_arguments(rest));
    } else {
        throw Failure(Exit::usage, "unknown command `" + arguments[0] + "`; there are `compile` and `fatbin`");
    }
}

}  // namespace

int main(int count, char** values) {
    try {
        run({values + 1, values + count});
        return static_cast<int>(Exit::ok);
    } catch (const Failure& failure) {
        std::cerr << "sagebuild-device: " << failure.what() << '\n';
        return static_cast<int>(failure.exit());
    } catch (const std::exception& error) {
        std::cerr << "sagebuild-device: internal error: " << error.what() << '\n';
        return 4;
    }
}
