#include <gtest/gtest.h>

#include <sstream>

#include "cli/application.hpp"
#include "cli/build_console.hpp"
#include "support/cli_run.hpp"
#include "support/example_plan.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

/// What the console prints about a build of two rows of one toolkit.
class BuildConsoleTest : public ::testing::Test {
  protected:
    BuildConsoleTest() {
        testing::PlanExample example = testing::make_plan_example();
        m_targets = {example.targets[0], example.targets[1]};
        for (Target& target : m_targets) {
            target.archs = {Arch{8, 0}};
            for (TargetUnit& unit : target.units) unit.archs = target.archs;
            target.dropped = {
                {Arch{10, 0}, "nvcc 12.6 ends at 9.0"}, {Arch{12, 0}, "nvcc 12.6 ends at 9.0"}, {Arch{12, 1}, "nvcc 12.6 ends at 9.0"}};
        }
        m_outline.plan = example.plan(m_targets);
        m_outline.pending = pending_steps(m_outline.plan, [](const std::string& path) { return path.ends_with(".json"); });
        for (const Step& step : m_outline.pending.steps) m_outline.reasons[step.id] = {"flags changed from `-a` to `-b`"};
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    std::ostringstream m_out, m_err;
    Application m_application{.edges = {m_files, m_processes, m_environment, m_clock, m_http}, .out = m_out, .err = m_err};
    std::vector<Target> m_targets;
    BuildOutline m_outline;
};

const BuildProgress some_progress = {
    .finished = 1, .total = 21, .step = "image sageattention/sm80_attention cuda-12.6.3 8.0", .elapsed_seconds = 41, .left_seconds = 110};

TEST_F(BuildConsoleTest, PlainLinesWithoutATerminal) {
    BuildConsole console(m_application, false);
    console.on_wait("/b");
    console.on_outline(m_outline);
    console.on_progress(some_progress);
    console.end_progress();
    EXPECT_EQ(m_err.str(), "waiting for another build in /b\n[ 1/21] unit sm80_attention · cuda-12.6.3 · 8.0\n");
    EXPECT_EQ(m_out.str(), "");
}

TEST_F(BuildConsoleTest, OneLineWithTheTimeLeftOnATerminal) {
    m_environment.terminal = true;
    m_environment.width = 120;
    BuildConsole console(m_application, false);
    console.on_outline(m_outline);
    console.on_progress(some_progress);
    m_environment.width = 22;
    console.on_progress({.finished = 21, .total = 21, .step = "wheel x", .elapsed_seconds = 3725});
    console.end_progress();
    EXPECT_EQ(m_err.str(),
              "\r\x1b[2K[ 1/21] unit sm80_attention · cuda-12.6.3 · 8.0     00:41 elapsed, about 01:50 left"
              "\r\x1b[2K[21/21] wheel x     1\n");
}

TEST_F(BuildConsoleTest, ReasonsBeforeTheSteps) {
    BuildConsole console(m_application, true);
    console.on_outline(m_outline);
    EXPECT_EQ(m_err.str().substr(0, 111),
              "image sageattention/smxx_preparation cuda-12.6.3 8.0\n  flags changed from `-a` to `-b`\n"
              "image sageattention/sm80");
}

TEST_F(BuildConsoleTest, DryRun) {
    print_dry_run(m_application, m_outline, true);
    EXPECT_EQ(m_out.str(),
              "keep  toolchain cuda-12.6.3                                  shared by 2 targets\n"
              "keep  toolchain zig-0.15.2                                   shared by 2 targets\n"
              "run   image sageattention/smxx_preparation cuda-12.6.3 8.0   shared by 2 targets\n"
              "        flags changed from `-a` to `-b`\n"
              "run   image sageattention/sm80_attention cuda-12.6.3 8.0     shared by 2 targets\n"
              "        flags changed from `-a` to `-b`\n"
              "run   fatbin sageattention/smxx_preparation cuda-12.6.3 8.0  shared by 2 targets\n"
              "        flags changed from `-a` to `-b`\n"
              "run   fatbin sageattention/sm80_attention cuda-12.6.3 8.0    shared by 2 targets\n"
              "        flags changed from `-a` to `-b`\n"
              "run   library sageattention x86_64 cuda-12.6.3 8.0           shared by 2 targets\n"
              "        flags changed from `-a` to `-b`\n"
              "run   wheel linux-sage2-pytorch26-cu126-python310            linux-sage2-pytorch26-cu126-python310\n"
              "        flags changed from `-a` to `-b`\n"
              "run   wheel linux-sage2-pytorch26-cu126-python39             linux-sage2-pytorch26-cu126-python39\n"
              "        flags changed from `-a` to `-b`\n");
    EXPECT_EQ(m_err.str(), "7 of 9 steps would run: 2 images, 2 fatbins, 1 library, 2 wheels\n");
}

TEST_F(BuildConsoleTest, ReportTellsWhatIsLeftOutOnce) {
    BuildReport report{.outline = m_outline, .wheels = {}, .seconds = 194};
    report.wheels.push_back({.target = m_targets[0], .path = "dist/" + m_targets[0].wheel, .size = 9812345, .is_new = true});
    report.wheels.push_back({.target = m_targets[1], .path = "dist/" + m_targets[1].wheel, .size = 905678, .is_new = false});
    print_report(m_application, report);
    EXPECT_EQ(m_out.str(),
              "✔ dist/sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl     9.8 MB   verified\n"
              "  CUDA 12.6: 10.0, 12.0 and 12.1 left out: nvcc 12.6 ends at 9.0\n"
              "✔ dist/sageattention-2.2.0-260.126-cp310-cp310-linux_x86_64.whl   906 KB   verified   unchanged\n");
    EXPECT_EQ(m_err.str(), "2 images, 2 fatbins, 1 library, 2 wheels in 03:14, each step once for all 2 wheels\n");
}

TEST_F(BuildConsoleTest, NothingToDo) {
    BuildReport report;
    report.outline.plan = m_outline.plan;
    print_report(m_application, report);
    EXPECT_EQ(m_err.str(), "nothing to do: all 9 steps were done before\n");
}

TEST(BuildCommand, UsageErrors) {
    const auto engine = testing::run_cli({"build", "--engine", "podman"});
    EXPECT_EQ(engine.exit_code, 2);
    EXPECT_NE(engine.err.find("--engine"), std::string::npos);
    EXPECT_EQ(testing::run_cli({"build", "--jobs", "0"}).exit_code, 2);
}

TEST(StepCommand, IsHiddenAndRefusesOtherRecipes) {
    EXPECT_EQ(testing::run_cli({"--help"}).out.find("\n  step"), std::string::npos);
    testing::MemoryFileSystem files;
    testing::FakeProcessRunner processes;
    testing::FakeEnvironment environment;
    testing::TickingClock clock;
    testing::FakeHttpClient http;
    files.files["/r.json"] = R"({"step": "toolchain", "name": "x", "host_platform": "linux-x86_64", "wheels": [], "directory": "/c"})";
    const auto run = testing::run_cli({files, processes, environment, clock, http}, {"step", "wheel", "/r.json"});
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_EQ(run.err,
              "error[SB0505]: the recipe of a build step cannot be read\n"
              "caused by: `/r.json` is the recipe of another kind of step\n");
}

}  // namespace
}  // namespace sagebuild
