#include <gtest/gtest.h>

#include <sstream>

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
    const auto run = testing::run_cli(test::FixedEnvironment(), words_of(test::read_file("command")));
    const std::string text = "exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", text));
}

INSTANTIATE_TEST_SUITE_P(Cases, MatrixGolden, ::testing::ValuesIn(test::golden_cases("matrix")), test::case_name);

}  // namespace

}  // namespace sagebuild
