#include <gtest/gtest.h>

#include "support/cli_run.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {
namespace {

testing::CliRun run_here(const std::vector<std::string>& arguments) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    return testing::run_cli(arguments);
}

TEST(WheelName, PrintsTheNamesOfTheSelectedTargets) {
    const auto run = run_here({"wheel", "name", "stable", "universal"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(run.out,
              "sageattention-2.2.0-260.126-cp312-cp312-linux_x86_64.whl\n"
              "sageattention-2.2.0-270.128-cp312-cp312-linux_x86_64.whl\n"
              "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl\n"
              "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl\n");
}

TEST(WheelName, AnUnknownSelectorIsAnError) {
    const auto run = run_here({"wheel", "name", "stabel"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("`stabel`"), std::string::npos);
    EXPECT_NE(run.err.find("nearest: stable"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace sagebuild
