#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error_codes.hpp"
#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {

namespace {

std::vector<std::string> arguments_of(const std::filesystem::path& directory, const std::string& subcommand) {
    std::istringstream stream(test::read_file(directory / "arguments"));
    std::vector<std::string> words = {"requirements", subcommand};
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::string shown(const std::string& title, const testing::CliRun& run) {
    return "==== " + title + ": exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
}

/// A copy of all cases, so that `update` may write, with the case as the working directory.
class CaseCopy {
  public:
    explicit CaseCopy(const std::filesystem::path& directory) {
        std::filesystem::copy(directory.parent_path(), m_temporary.path(), std::filesystem::copy_options::recursive);
        m_there.emplace(m_temporary.path() / directory.filename());
    }

    testing::CliRun run(const std::string& subcommand, const std::string& option = "") const {
        std::vector<std::string> arguments = arguments_of(".", subcommand);
        if (!option.empty()) arguments.push_back(option);
        return testing::run_cli(test::FixedEnvironment(), arguments);
    }

    std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> bytes;
        for (const auto& entry : std::filesystem::directory_iterator(".")) bytes[entry.path().filename()] = test::read_file(entry.path());
        return bytes;
    }

  private:
    test::TemporaryDirectory m_temporary;
    std::optional<test::WorkingDirectory> m_there;
};

/// Each case has `arguments`, the files that they name, and in `expected.txt` what `check` and `update` answer, and `check` after that.
class RequirementsGolden : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(RequirementsGolden, AnswersAsExpected) {
    const CaseCopy copy(GetParam());
    std::string text = shown("check", copy.run("check"));

    const auto before = copy.files();
    const testing::CliRun dry = copy.run("update", "--dry-run");
    EXPECT_EQ(copy.files(), before);

    const testing::CliRun update = copy.run("update");
    text += shown("update", update);
    EXPECT_EQ(dry.out, update.out);
    EXPECT_EQ(dry.exit_code, update.exit_code);

    const auto after = copy.files();
    const testing::CliRun again = copy.run("update");
    EXPECT_EQ(again.out, "");
    EXPECT_EQ(again.exit_code, update.exit_code);
    EXPECT_EQ(copy.files(), after);
    if (after != before) text += shown("check again", copy.run("check"));
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", text));
}

/// The JSON says the same as the text: every problem, and the exit code.
TEST_P(RequirementsGolden, SaysTheSameInJson) {
    const CaseCopy copy(GetParam());
    const testing::CliRun text = copy.run("check");
    const testing::CliRun json = copy.run("check", "--json");
    EXPECT_EQ(json.exit_code, text.exit_code);
    EXPECT_EQ(json.err, "");
    const auto document = nlohmann::json::parse(json.out);
    EXPECT_EQ(document["schema"], 1);
    for (const auto& problem : document["problems"]) {
        const std::string line = "[" + problem["code"].get<std::string>() + "]: " + problem["what"].get<std::string>() + "\n";
        EXPECT_NE(text.err.find(line), std::string::npos) << line;
    }
    const testing::CliRun update = copy.run("update", "--json");
    const auto updated = nlohmann::json::parse(update.out);
    std::string diffs;
    for (const auto& file : updated["files"]) diffs += file["diff"].get<std::string>();
    EXPECT_EQ(update.err, "");
    const CaseCopy other(GetParam());
    EXPECT_EQ(other.run("update").out, diffs);
}

INSTANTIATE_TEST_SUITE_P(Cases, RequirementsGolden, ::testing::ValuesIn(test::golden_cases("requirements")), test::case_name);

TEST(RequirementsGoldens, ShowEveryCode) {
    std::string texts;
    for (const std::filesystem::path& directory : test::golden_cases("requirements")) texts += test::read_file(directory / "expected.txt");
    for (const ErrorCode& entry : all_error_codes()) {
        if (entry.code < "SB0440" || entry.code >= "SB0460") continue;
        EXPECT_NE(texts.find("[" + std::string(entry.code) + "]: "), std::string::npos) << entry.code << " has no golden text";
    }
}

TEST(Requirements, TellsWhatCannotBeReadOrWritten) {
    const test::TemporaryDirectory temporary;
    const test::WorkingDirectory there(temporary.path());
    const auto run = testing::run_cli(test::FixedEnvironment(), {"requirements", "check", "absent.txt"});
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "error[SB0501]: cannot read `absent.txt`\n"
              "caused by: No such file or directory\n");
}

}  // namespace

}  // namespace sagebuild
