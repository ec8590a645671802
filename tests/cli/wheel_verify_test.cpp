#include <gtest/gtest.h>

#include <fstream>

#include "support/cli_run.hpp"
#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {
namespace {

const std::string matrix = SAGEBUILD_SOURCE_DIR "/tests/golden/wheel-verify/matrix";

/// Runs where no matrix is, beside the example row's wheel under a name of the test's choice.
class WheelVerifyTest : public ::testing::Test {
  protected:
    std::string write_wheel(const test::ExampleWheel& wheel) {
        std::ofstream(m_directory.path() / wheel.file_name, std::ios::binary) << wheel.pack();
        return wheel.file_name;
    }
    testing::CliRun run(const std::vector<std::string>& arguments) {
        const test::WorkingDirectory there(m_directory.path().string());
        return testing::run_cli(arguments);
    }
    void expect_golden(const std::string& label, const testing::CliRun& run) {
        const std::string text = run.out + "--- stderr, exit code " + std::to_string(run.exit_code) + "\n" + run.err;
        EXPECT_TRUE(test::matches_golden(test::golden_directory() / "wheel-verify" / label / "expected.txt", text));
    }

  private:
    test::TemporaryDirectory m_directory;
};

TEST_F(WheelVerifyTest, WithoutAMatrixTheManifestIsCompared) {
    expect_golden("without_matrix", run({"wheel", "verify", write_wheel(test::make_example_wheel(test::example_universal()))}));
}

TEST_F(WheelVerifyTest, TheRowOfTheMatrixIsCompared) {
    expect_golden("with_matrix", run({"--matrix", matrix, "wheel", "verify", write_wheel(test::make_example_wheel(test::example_row()))}));
}

TEST_F(WheelVerifyTest, EveryFileIsReported) {
    auto renamed = test::make_example_wheel(test::example_row());
    renamed.file_name = "sageattention-2.2.0-281.129-cp312-cp312-linux_x86_64.whl";
    expect_golden("several_files", run({"--matrix", matrix, "wheel", "verify", write_wheel(renamed), "missing-1-py3-none-any.whl"}));
}

TEST_F(WheelVerifyTest, TheTargetIsNamed) {
    const std::string file = write_wheel(test::make_example_wheel(test::example_row()));
    expect_golden("other_target", run({"--matrix", matrix, "wheel", "verify", file, "--target", "linux-sage2-pytorch27-cu128-python312"}));
    expect_golden("unknown_target", run({"--matrix", matrix, "wheel", "verify", file, "--target", "linux-sage2-pytorch28-cu129-python31"}));
}

}  // namespace
}  // namespace sagebuild
