#include "support/golden.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sagebuild::test {

std::filesystem::path golden_directory() {
    return std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "tests" / "golden";
}

std::vector<std::filesystem::path> golden_cases(std::string_view group) {
    std::vector<std::filesystem::path> cases;
    for (const auto& entry : std::filesystem::directory_iterator(golden_directory() / group)) {
        if (entry.is_directory()) cases.push_back(entry.path());
    }
    std::sort(cases.begin(), cases.end());
    return cases;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

::testing::AssertionResult matches_golden(const std::filesystem::path& path, std::string_view actual) {
    const std::string expected = std::filesystem::exists(path) ? read_file(path) : "";
    if (expected == actual && std::filesystem::exists(path)) return ::testing::AssertionSuccess();
    const char* update = std::getenv("SAGEBUILD_UPDATE_GOLDEN");
    if (update != nullptr && std::string_view(update) == "1") {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << actual;
        return ::testing::AssertionFailure() << path.string() << " was rewritten; review the change and run again";
    }
    return ::testing::AssertionFailure() << path.string() << " differs (SAGEBUILD_UPDATE_GOLDEN=1 rewrites it)\n--- expected\n"
                                         << expected << "--- actual\n"
                                         << actual << "---";
}

std::string case_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
    std::string name = info.param.filename().string();
    std::replace_if(
        name.begin(), name.end(), [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
    return name;
}

}  // namespace sagebuild::test
