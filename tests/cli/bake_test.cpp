#include <gtest/gtest.h>

#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/golden.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {
namespace {

/// The committed files are those of the committed matrix; a hand edit of either makes this fail.
TEST(BakeCommand, TheCommittedFilesAreCurrent) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    const auto run = testing::run_cli(test::FixedEnvironment(), {"bake", "--check"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.err.find(" files are what the matrix gives\n"), std::string::npos);
}

TEST(BakeCommand, PrintsWithoutDocker) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    test::FixedEnvironment environment;
    environment.variables["TORCH_CUDA_ARCH_LIST"] = "8.9";
    const auto run = testing::run_cli(environment, {"bake", "--print"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.out.find("\"TORCH_CUDA_ARCH_LIST\": \"8.9\""), std::string::npos) << run.out;
}

TEST(BakeCommand, ModesExcludeEachOther) {
    EXPECT_EQ(testing::run_cli({"bake", "--print", "--check"}).exit_code, 2);
    EXPECT_EQ(testing::run_cli({"bake", "--print", "--set", "*.args.X=1"}).exit_code, 2);
    EXPECT_EQ(testing::run_cli({"bake", "--progress", "tty"}).exit_code, 2);
}

TEST(BuildCommand, OptionsOfNinjaAreRefusedWithDocker) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    const auto run = testing::run_cli({"build", "--engine", "docker", "--jobs", "2"});
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_EQ(run.err,
              "error[SB0508]: `--jobs` is an option of `--engine local`\n"
              "hint: `sagebuild bake` has those of Docker, `sagebuild bake --print` shows what it would build\n");
}

}  // namespace
}  // namespace sagebuild
