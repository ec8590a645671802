#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error_codes.hpp"
#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/golden.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {

namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

/// Each case has a `command`, mostly a `matrix/`, and what the tool answers in `expected.txt`.
class MatrixGolden : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(MatrixGolden, AnswersAsExpected) {
    const test::WorkingDirectory there(GetParam());
    test::FixedEnvironment environment;
    environment.variables["HOME"] = "/home/user";
    const auto run = testing::run_cli(environment, words_of(test::read_file("command")));
    const std::string text = "exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", text));
}

INSTANTIATE_TEST_SUITE_P(Cases, MatrixGolden, ::testing::ValuesIn(test::golden_cases("matrix")), test::case_name);

}  // namespace

TEST(MatrixGoldens, ShowEveryCodeOfTheMeaning) {
    std::string texts;
    for (const std::filesystem::path& directory : test::golden_cases("matrix")) texts += test::read_file(directory / "expected.txt");
    for (const ErrorCode& entry : all_error_codes()) {
        const bool is_meaning = entry.code == "SB0201" || (entry.code >= "SB0220" && entry.code < "SB0300");
        if (!is_meaning) continue;
        EXPECT_NE(texts.find("error[" + std::string(entry.code) + "]: "), std::string::npos) << entry.code << " has no golden text";
    }
}

/// The example of the documentation is what the tool prints for that target.
TEST(MatrixJson, IsAsDocumented) {
    const std::string document = test::read_file(std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "docs" / "json.md");
    const std::size_t begin = document.find("```json\n") + 8;
    const auto documented = nlohmann::ordered_json::parse(document.substr(begin, document.find("```", begin) - begin));
    const std::string target = documented["targets"][0]["target"];

    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    const auto run = testing::run_cli(test::FixedEnvironment(), {"matrix", "list", target, "--format", "json"});
    EXPECT_EQ(run.out, documented.dump(2) + "\n");
    EXPECT_EQ(run.err, "");
}

}  // namespace sagebuild
