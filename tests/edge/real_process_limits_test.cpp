#include <gtest/gtest.h>

#include "edge/real_process.hpp"

namespace sagebuild {
namespace {

ProcessResult run_shell(const std::string& script, const ProcessLimits& limits) {
    RealProcessRunner processes;
    return processes.run({.arguments = {"sh", "-c", script}, .limits = limits}).value();
}

TEST(ProcessLimits, AProgramWithinThemIsNotTouched) {
    const ProcessResult result = run_shell("echo out; echo err >&2; exit 3", {});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.output, "out\n");
    EXPECT_EQ(result.error_output, "err\n");
    EXPECT_FALSE(result.stopped);
}

TEST(ProcessLimits, AHangingProgramIsKilledWithWhatItStarted) {
    // The inner sleep holds the pipe open: killing the shell alone would leave us waiting for it.
    const ProcessResult result = run_shell("echo begin; sleep 600 & sleep 600", {.seconds = 0.3});
    EXPECT_TRUE(result.stopped);
    EXPECT_EQ(result.output, "begin\n");
    EXPECT_EQ(result.exit_code, 128 + 9);
}

TEST(ProcessLimits, AProgramThatClosesItsOutputsAndHangsIsKilled) {
    const ProcessResult result = run_shell("exec >&- 2>&-; sleep 600", {.seconds = 0.3});
    EXPECT_TRUE(result.stopped);
}

TEST(ProcessLimits, AFloodEnds) {
    const ProcessResult result = run_shell("yes", {.seconds = 30, .output_bytes = 100000});
    EXPECT_TRUE(result.stopped);
    EXPECT_LT(result.output.size(), 200000U);
}

}  // namespace
}  // namespace sagebuild
