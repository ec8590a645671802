// Reads every #include line below src/: arrows point down the layers only, and each foreign library stops at its layer.
// The build cannot see this, because system headers are visible to every target.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace {

const std::map<std::string, std::set<std::string>> allowed_layers = {
    {"core", {"core"}},
    {"text", {"text", "core"}},
    {"edge", {"edge", "core"}},
    {"app", {"app", "text", "edge", "core"}},
    {"cli", {"cli", "app", "text", "edge", "core"}},
    {"device", {"device"}},
};

/// First path part of a library's headers -> layers that may include it.
const std::map<std::string, std::set<std::string>> libraries = {
    {"yaml-cpp", {"text"}}, {"nlohmann", {"text"}}, {"openssl", {"text"}},   {"zip.h", {"text"}},           {"gelf.h", {"text"}},
    {"libelf.h", {"text"}}, {"elf.h", {"text"}},    {"archive.h", {"text"}}, {"archive_entry.h", {"text"}}, {"curl", {"edge"}},
    {"toml++", {"text"}},   {"CLI", {"cli"}},       {"spdlog", {"cli"}},     {"dlfcn.h", {"device"}},
};

/// System headers with side effects stay out of core and text.
const std::set<std::string> effects = {"filesystem", "fstream",  "iostream", "chrono", "ctime",   "time.h",   "thread", "mutex",
                                       "future",     "unistd.h", "fcntl.h",  "sys",    "spawn.h", "signal.h", "poll.h"};

std::vector<std::string> violations_in(const std::string& layer, const std::string& file, std::istream& text) {
    static const std::regex include(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::vector<std::string> found;
    std::string line;
    for (int number = 1; std::getline(text, line); ++number) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        const std::string path = match[2];
        const std::string first = path.substr(0, path.find('/'));
        const std::string where = file + ":" + std::to_string(number) + ": " + path;
        if (match[1] == "\"") {
            if (!allowed_layers.at(layer).contains(first)) found.push_back(where + " points up or outside the layers");
            continue;
        }
        if (const auto library = libraries.find(first); library != libraries.end() && !library->second.contains(layer)) {
            found.push_back(where + " is a library of another layer");
        }
        if ((layer == "core" || layer == "text") && effects.contains(first)) found.push_back(where + " has side effects");
    }
    return found;
}

TEST(Layers, EveryIncludePointsDown) {
    const std::filesystem::path root = std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "src";
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const std::string extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        const std::filesystem::path relative = entry.path().lexically_relative(root);
        const std::string layer = relative.begin()->string();
        ASSERT_TRUE(allowed_layers.contains(layer)) << relative << " lies in no layer";
        std::ifstream text(entry.path());
        for (const std::string& violation : violations_in(layer, relative.string(), text)) ADD_FAILURE() << violation;
        ++files;
    }
    EXPECT_GT(files, 20);
}

TEST(Layers, AnUpwardArrowIsSeen) {
    std::istringstream text("#include \"app/edges.hpp\"\n#include <yaml-cpp/yaml.h>\n  #  include <fstream>\n#include <vector>\n");
    const std::vector<std::string> expected = {"core/x.cpp:1: app/edges.hpp points up or outside the layers",
                                               "core/x.cpp:2: yaml-cpp/yaml.h is a library of another layer",
                                               "core/x.cpp:3: fstream has side effects"};
    EXPECT_EQ(violations_in("core", "core/x.cpp", text), expected);
}

}  // namespace
