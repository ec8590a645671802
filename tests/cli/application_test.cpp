#include <gtest/gtest.h>

#include "core/error_codes.hpp"
#include "support/cli_run.hpp"

namespace sagebuild {

using testing::run_cli;

TEST(Application, UnknownCommandNamesTheNearest) {
    const auto run = run_cli({"explian"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "error: `explian` is no command of `sagebuild`\n"
              "hint: did you mean `explain`?\n"
              "hint: `sagebuild --help` and `sagebuild COMMAND --help` list what there is\n");
}

TEST(Application, ValueOfAnOptionIsNoCommand) {
    const auto run = run_cli({"--matrix", "elsewhere", "explian"});
    EXPECT_EQ(run.err.substr(0, run.err.find('\n')), "error: `explian` is no command of `sagebuild`");
}

TEST(Application, VersionGoesToStdout) {
    const auto run = run_cli({"--version"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.out, "sagebuild 0.1.0\n");
    EXPECT_EQ(run.err, "");
}

TEST(Explain, PrintsThePageOfACode) {
    const auto run = run_cli({"explain", "SB0503"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.out, "SB0503: a program cannot be started\n\nThe program was not found on PATH or is not executable.\n");
}

TEST(Explain, UnknownCodeIsAUsageErrorWithTheNearest) {
    const auto run = run_cli({"explain", "SB05O3"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.err.substr(0, run.err.find("nearest")), "error[SB0902]: `SB05O3` is no error code\n");
    EXPECT_NE(run.err.find("SB0503"), std::string::npos);
}

TEST(ErrorCodes, AreUniqueAndAscending) {
    std::string_view previous;
    for (const ErrorCode& entry : all_error_codes()) {
        EXPECT_LT(previous, entry.code);
        EXPECT_FALSE(entry.title.empty());
        EXPECT_FALSE(entry.page.empty());
        previous = entry.code;
    }
}

}  // namespace sagebuild
