#include <gtest/gtest.h>

#include <sstream>

#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {

namespace {

testing::CliRun list_project(int width, std::vector<std::string> arguments) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    test::FixedEnvironment environment;
    environment.width = width;
    arguments.insert(arguments.begin(), {"matrix", "list"});
    return testing::run_cli(environment, arguments);
}

/// Characters of the longest line.
std::size_t longest_line(const std::string& text) {
    std::istringstream stream(text);
    std::size_t longest = 0;
    for (std::string line; std::getline(stream, line);) {
        std::size_t length = 0;
        for (const char byte : line) length += (byte & 0xC0) != 0x80 ? 1 : 0;
        longest = std::max(longest, length);
    }
    return longest;
}

}  // namespace

TEST(MatrixList, TableFitsTheTerminal) {
    for (const int width : {80, 100, 120, 160, 200, 300}) {
        const auto run = list_project(width, {});
        EXPECT_EQ(run.exit_code, 0);
        EXPECT_LE(longest_line(run.out), static_cast<std::size_t>(width)) << run.out;
        EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 16);
        EXPECT_NE(run.out.find("linux-sage2-pytorch26-cu126-python310 "), std::string::npos) << "names are never cut";
    }
}

TEST(MatrixList, At150ColumnsNumbersStandForWhatIsCut) {
    EXPECT_EQ(list_project(150, {"pytorch27", "python=3.12"}).out,
              "TARGET                                 PYTHON  TORCH  CUDA    ARCHS                               COVERED  DROPPED  WHEEL\n"
              "linux-sage2-pytorch27-cu128-python312  3.12    2.7.0  12.8.1  7.0 7.5 8.0 8.6 8.7 8.9 9.0 +2      12.1     -        "
              "sageattention-2.2.0-270.128-cp312…\n");
}

TEST(MatrixList, At80ColumnsTheWheelIsLeftOut) {
    EXPECT_EQ(list_project(80, {"pytorch27", "python=3.12"}).out,
              "TARGET                                 PYTHON  TORCH  CUDA    ARCHS\n"
              "linux-sage2-pytorch27-cu128-python312  3.12    2.7.0  12.8.1  7.0 7.5 8.0 8.6 +5\n");
}

TEST(MatrixList, PipedTableIsWhole) {
    const auto run = list_project(0, {"default"});
    EXPECT_EQ(run.out,
              "TARGET                                 PYTHON  TORCH  CUDA    ARCHS                                       COVERED  DROPPED  "
              "WHEEL\n"
              "linux-sage2-pytorch28-cu129-python312  3.12    2.8.0  12.9.1  7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1  -        -        "
              "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl\n");
    EXPECT_EQ(run.err, "1 target, 1 toolkit: 24 device images\n");
}

TEST(MatrixList, UnknownFormatIsAUsageError) {
    const auto run = list_project(0, {"--format", "xml"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
}

}  // namespace sagebuild
