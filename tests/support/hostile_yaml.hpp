#pragma once

#include <string>
#include <vector>

namespace sagebuild::test {

/// A file that costs a careless YAML reader its stack, its memory or minutes.
struct HostileYaml {
    std::string name;
    std::string bytes;
    std::string first_line;  ///< of the answer: the first diagnostic's code and text
};

/// Made here and not stored: some are 10 MB long.
std::vector<HostileYaml> hostile_yaml_files();

}  // namespace sagebuild::test
