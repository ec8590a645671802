#include "app/present_targets.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace sagebuild {

namespace {

constexpr std::size_t largest_list = std::size_t{16} << 20;

Result<std::set<std::string>> read_names(const FileSystem& files, const std::string& path) {
    std::set<std::string> names;
    if (files.is_directory(path)) {
        SAGEBUILD_TRY(const std::vector<std::string> entries, files.list(path));
        for (const std::string& entry : entries) {
            if (entry.ends_with(".whl")) names.insert(entry);
        }
        return names;
    }
    SAGEBUILD_TRY(const std::string text, files.read(path, largest_list));
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        const std::size_t end = line.find_last_not_of(" \t\r");
        if (end != std::string::npos) names.insert(line.substr(0, end + 1));
    }
    return names;
}

}  // namespace

Result<PresentTargets> find_present_targets(const FileSystem& files, const std::string& path, const std::vector<Target>& targets) {
    SAGEBUILD_TRY(std::set<std::string> names, read_names(files, path));
    const std::size_t found = names.size();
    PresentTargets present;
    for (const Target& target : targets) {
        if (names.erase(target.wheel) > 0) present.targets.push_back(target);
    }
    present.others.assign(names.begin(), names.end());
    if (!present.targets.empty()) return present;
    return Diagnostic{.code = "SB0245",
                      .what = "no wheel of the matrix is in `" + path + "`",
                      .notes = {std::to_string(found) + (found == 1 ? " name was found there" : " names were found there")},
                      .hints = {"`sagebuild wheel name '*'` prints the names of the matrix"}};
}

}  // namespace sagebuild
