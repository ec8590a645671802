#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
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
    std::string word;
    while (stream >> word) {
        for (char& letter : word) letter = letter == '_' && word.starts_with("RTX") ? ' ' : letter;
        words.push_back(word);
    }
    return words;
}

/// Each case is a directory with a `command` (`RTX_4090` is one word with a space), its input files, and the answer in `expected.txt`.
class SelectGolden : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(SelectGolden, AnswersAsExpected) {
    const test::WorkingDirectory there(GetParam());
    test::FixedEnvironment environment;
    environment.variables["HOME"] = "/home/user";
    environment.variables["SAGEBUILD_MATRIX"] = SAGEBUILD_SOURCE_DIR "/matrix";
    const auto run = testing::run_cli(environment, words_of(test::read_file("command")));
    const std::string text = "exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", text));
}

INSTANTIATE_TEST_SUITE_P(Cases, SelectGolden, ::testing::ValuesIn(test::golden_cases("select/cli")), test::case_name);

TEST(SelectCli, JsonIsPrintedWhereNothingFitsToo) {
    const test::WorkingDirectory there(test::golden_directory() / "select" / "cli" / "nothing_fits_json");
    const auto run = testing::run_cli(words_of(test::read_file("command")));
    EXPECT_EQ(run.exit_code, 1);
    const auto answer = nlohmann::json::parse(run.out);
    EXPECT_TRUE(answer["pick"].is_null());
    EXPECT_TRUE(answer["acceptable"].empty());
    EXPECT_FALSE(answer["rejected"].empty());
}

}  // namespace
}  // namespace sagebuild
