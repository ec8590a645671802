#include <gtest/gtest.h>

#include <sstream>

#include "core/error_codes.hpp"
#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {
namespace {

/// Each case has `arguments` and the files that they name; `expected.txt` holds what is answered and all pages that were written.
class IndexBuildGolden : public ::testing::TestWithParam<std::filesystem::path> {};

std::string pages_below(const std::filesystem::path& site) {
    std::set<std::filesystem::path> paths;
    if (std::filesystem::is_directory(site)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(site)) {
            if (entry.is_regular_file() && !entry.path().filename().string().starts_with(".")) paths.insert(entry.path());
        }
    }
    std::string out;
    for (const auto& path : paths) {
        out += "---- " + path.string() + "\n";
        const bool is_for_people = path == site / "index.html" || path == site / "finder/index.html";
        if (!is_for_people) out += test::read_file(path);
    }
    return out;
}

TEST_P(IndexBuildGolden, AnswersAsExpected) {
    const test::TemporaryDirectory temporary;
    std::filesystem::copy(GetParam(), temporary.path(), std::filesystem::copy_options::recursive);
    const test::WorkingDirectory there(temporary.path());
    std::istringstream stream(test::read_file("arguments"));
    std::vector<std::string> arguments = {"index", "build", "--out", "site"};
    for (std::string word; stream >> word;) arguments.push_back(word);
    const auto run = testing::run_cli(test::FixedEnvironment(), arguments);
    const std::string text = "exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", text + pages_below("site")));
}

INSTANTIATE_TEST_SUITE_P(Cases, IndexBuildGolden, ::testing::ValuesIn(test::golden_cases("index/cases")), test::case_name);

/// SB0664 and SB0667 need a site and a server: tests/app/index_build_test.cpp.
TEST(IndexBuildGoldens, ShowEveryCode) {
    std::string texts;
    for (const std::filesystem::path& directory : test::golden_cases("index/cases")) texts += test::read_file(directory / "expected.txt");
    for (const ErrorCode& entry : all_error_codes()) {
        if (entry.code < "SB0660" || entry.code > "SB0679" || entry.code == "SB0664" || entry.code == "SB0667") continue;
        EXPECT_NE(texts.find("[" + std::string(entry.code) + "]: "), std::string::npos) << entry.code << " has no golden text";
    }
}

TEST(IndexBuild, NeedsAnOutputAndASource) {
    EXPECT_EQ(testing::run_cli({"index", "build", "--out", "site"}).exit_code, 2);
    EXPECT_EQ(testing::run_cli({"index", "build", "--from", "dist"}).exit_code, 2);
    EXPECT_EQ(testing::run_cli({"index"}).exit_code, 2);
}

}  // namespace
}  // namespace sagebuild
