#include <gtest/gtest.h>

#include <set>

#include "core/error_codes.hpp"
#include "support/golden.hpp"

namespace sagebuild {

namespace {

std::set<std::string> codes_in_goldens() {
    std::set<std::string> codes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::golden_directory())) {
        if (entry.path().extension() != ".txt") continue;
        const std::string text = test::read_file(entry.path());
        for (std::size_t at = text.find("[SB"); at != std::string::npos; at = text.find("[SB", at + 1))
            codes.insert(text.substr(at + 1, 6));
    }
    return codes;
}

/// Nobody can change the text of a YAML or matrix fault unseen.
TEST(ErrorCodeGolden, EveryCodeOfYamlAndMatrixHasAWholeText) {
    const std::set<std::string> shown = codes_in_goldens();
    for (const ErrorCode& entry : all_error_codes()) {
        if (!entry.code.starts_with("SB01") && !entry.code.starts_with("SB02")) continue;
        EXPECT_TRUE(shown.contains(std::string(entry.code))) << entry.code << " (" << entry.title << ") stands in no golden file";
    }
}

TEST(ErrorCodeGolden, GoldensShowOnlyCodesOfTheTable) {
    for (const std::string& code : codes_in_goldens()) EXPECT_NE(find_error_code(code), nullptr) << code;
}

/// At least ten files hold several faults of different kinds, and all of them are reported.
TEST(ErrorCodeGolden, ManyFilesHoldSeveralFaults) {
    int several = 0;
    for (const auto& directory : test::golden_cases("yaml")) {
        const std::string text = test::read_file(directory / "expected.txt");
        std::size_t problems = 0;
        for (std::size_t at = text.find("error["); at != std::string::npos; at = text.find("error[", at + 1)) ++problems;
        if (problems >= 5) ++several;
    }
    EXPECT_GE(several, 10);
}

}  // namespace

}  // namespace sagebuild
