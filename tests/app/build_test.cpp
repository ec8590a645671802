#include "app/build.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/example_plan.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

using testing::FakeProcessRunner;
using testing::joined;
using testing::MemoryFileSystem;
using testing::value_behind;

class RecordingObserver : public BuildObserver {
  public:
    std::vector<std::string> waits;
    std::vector<BuildProgress> progress;

    void on_wait(const std::string& build_directory) override { waits.push_back(build_directory); }
    void on_outline(const BuildOutline&) override {}
    void on_progress(const BuildProgress& step) override { progress.push_back(step); }
};

/// A build of the example matrix in `/project`, with a ninja that makes every output of its file until it is told to stop.
class BuildTest : public ::testing::Test {
  protected:
    BuildTest() {
        const testing::PlanExample example = testing::make_plan_example();
        m_loaded = {.directory = "matrix", .project_root = "/project", .matrix = example.matrix, .compat = example.compat, .targets = {}};
        for (const auto& [path, bytes] : example.sources) m_files.files["/project/" + path] = bytes;
        m_environment.variables = {{"HOME", "/home/user"}};
        m_request = {.targets = {example.targets[0], example.targets[1]}, .version = "0.1.0"};
        m_processes.programs = {"ninja"};
        m_processes.answer = [this](const Command& command) { return play_ninja(command); };
    }

    ProcessResult play_ninja(const Command& command) {
        std::istringstream text(m_files.files.at(value_behind(command, "-f")));
        std::vector<std::pair<std::string, std::string>> steps;  // output, id
        for (std::string line; std::getline(text, line);) {
            if (line.starts_with("build ")) steps.emplace_back(line.substr(6, line.find(": step") - 6), "");
            if (line.starts_with("  step = ")) steps.back().second = line.substr(9);
        }
        ProcessResult result;
        int finished = 0;
        for (const auto& [output, id] : steps) {
            if (finished == m_stop_after) {
                result.interrupted = m_interrupt;
                result.exit_code = 1;
                if (!m_interrupt) {
                    result.output += "\x1e" + std::to_string(++finished) + " " + std::to_string(steps.size()) + " " + id + "\n";
                    result.output += "FAILED: " + output + "\nsagebuild-device compile\nk.cu(3): error: bad thing\n";
                }
                return result;
            }
            m_files.files[output] = "made " + id;
            m_made.push_back(id);
            result.output += "\x1e" + std::to_string(++finished) + " " + std::to_string(steps.size()) + " " + id + "\n";
        }
        return result;
    }

    Result<BuildReport> run() {
        m_made.clear();
        return build(m_request, m_loaded, {m_files, m_processes, m_environment, m_clock, m_http}, m_observer);
    }

    std::string errors() {
        const Result<BuildReport> report = run();
        return report ? "" : render_diagnostics(report.errors());
    }

    MemoryFileSystem m_files;
    FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    LoadedMatrix m_loaded;
    BuildRequest m_request;
    RecordingObserver m_observer;
    int m_stop_after = -1;
    bool m_interrupt = false;
    std::vector<std::string> m_made;
};

TEST_F(BuildTest, MakesTheWheelsAndThenHasNothingToDo) {
    const Result<BuildReport> report = run();
    ASSERT_TRUE(report) << render_diagnostics(report.errors());
    ASSERT_EQ(report->wheels.size(), 2u);
    EXPECT_EQ(report->wheels[0].path, "dist/sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl");
    EXPECT_TRUE(report->wheels[0].is_new);
    EXPECT_EQ(m_files.files.at(report->wheels[0].path), "made wheel linux-sage2-pytorch26-cu126-python39");
    EXPECT_EQ(m_made.size(), 2u + 12u + 2u + 1u + 2u);
    ASSERT_EQ(m_processes.commands.size(), 1u);
    EXPECT_EQ(joined(m_processes.commands[0]), "ninja -f /project/.sagebuild/build.ninja");
    EXPECT_EQ(m_processes.commands[0].directory, "/project");

    m_files.written.clear();
    const Result<BuildReport> again = run();
    ASSERT_TRUE(again);
    EXPECT_EQ(m_processes.commands.size(), 1u) << "ninja is not started for nothing";
    EXPECT_TRUE(m_files.written.empty());
    EXPECT_FALSE(again->wheels[0].is_new);
}

TEST_F(BuildTest, TellsProgressAndTheTimeLeft) {
    ASSERT_TRUE(run());
    ASSERT_EQ(m_observer.progress.size(), 19u);
    EXPECT_EQ(m_observer.progress.back().finished, 19);
    EXPECT_EQ(m_observer.progress.back().left_seconds, 0);
    EXPECT_GT(m_observer.progress[3].left_seconds, m_observer.progress[10].left_seconds * 0.5);
}

TEST_F(BuildTest, AnEditRunsWhatReadsItAndSaysWhy) {
    ASSERT_TRUE(run());
    m_files.files["/project/kernels/sageattention/python/sageattention/core.py"] += "y = 2\n";
    m_request.dry_run = true;
    const Result<BuildReport> dry = run();
    ASSERT_TRUE(dry);
    EXPECT_TRUE(m_made.empty());
    ASSERT_EQ(dry->outline.pending.steps.size(), 2u);
    EXPECT_EQ(dry->outline.reasons.at("wheel linux-sage2-pytorch26-cu126-python39"),
              (std::vector<std::string>{"source digest changed", "source kernels/sageattention/python/sageattention/core.py changed"}));
    m_request.dry_run = false;
    ASSERT_TRUE(run());
    EXPECT_EQ(m_made,
              (std::vector<std::string>{"wheel linux-sage2-pytorch26-cu126-python310", "wheel linux-sage2-pytorch26-cu126-python39"}));

    m_files.files["/project/kernels/sageattention/include/softmax.cuh"] += "// faster\n";
    const Result<BuildReport> header = run();
    ASSERT_TRUE(header);
    EXPECT_EQ(std::count_if(m_made.begin(), m_made.end(),
                            [](const std::string& id) { return id.starts_with("image sageattention/sm80_attention"); }),
              5);
    EXPECT_EQ(m_made.size(), 5u + 1u + 1u + 2u);
    EXPECT_EQ(header->outline.reasons.at("image sageattention/sm80_attention cuda-12.6.3 8.0"),
              (std::vector<std::string>{"source kernels/sageattention/include/softmax.cuh changed"}));
}

TEST_F(BuildTest, CompiledPythonFilesAreNoSources) {
    ASSERT_TRUE(run());
    m_files.files["/project/kernels/sageattention/python/sageattention/__pycache__/core.cpython-312.pyc"] = "x";
    ASSERT_TRUE(run());
    EXPECT_TRUE(m_made.empty());
}

TEST_F(BuildTest, GoesOnAfterAnInterrupt) {
    m_stop_after = 7;
    m_interrupt = true;
    const Result<BuildReport> stopped = run();
    ASSERT_TRUE(stopped);
    EXPECT_TRUE(stopped->interrupted);
    EXPECT_TRUE(stopped->wheels.empty());
    m_stop_after = -1;
    const Result<BuildReport> rest = run();
    ASSERT_TRUE(rest);
    EXPECT_EQ(m_made.size(), 19u - 7u);
    EXPECT_EQ(rest->wheels.size(), 2u);
}

TEST_F(BuildTest, RemovesWhatAKilledBuildLeftUnderTemporaryNames) {
    ASSERT_TRUE(run());
    const auto image =
        std::find_if(m_files.files.begin(), m_files.files.end(), [](const auto& file) { return file.first.ends_with(".cubin"); });
    const std::string kept = image->first;
    m_files.files[kept + ".Xy12Zz"] = "half";
    m_files.files[kept + ".compile/a.cu"] = "link";
    m_files.files["/project/kernels/sageattention/host/launch.c"] += "\n";
    ASSERT_TRUE(run());
    EXPECT_EQ(m_files.removed, (std::vector<std::string>{kept + ".Xy12Zz", kept + ".compile"}));
    EXPECT_TRUE(m_files.is_file(kept));
}

TEST_F(BuildTest, WaitsForAnotherBuild) {
    m_files.locked_elsewhere = true;
    ASSERT_TRUE(run());
    EXPECT_EQ(m_observer.waits, std::vector<std::string>{"/project/.sagebuild"});
}

TEST_F(BuildTest, SettingsReachNinja) {
    m_request.jobs = 3;
    m_request.build_directory = "/elsewhere/b";
    m_request.out = "/wheels";
    m_environment.variables["XDG_CACHE_HOME"] = "/cache";
    m_environment.variables["SOURCE_DATE_EPOCH"] = "1700000000";
    const Result<BuildReport> report = run();
    ASSERT_TRUE(report) << render_diagnostics(report.errors());
    EXPECT_EQ(joined(m_processes.commands[0]), "ninja -f /elsewhere/b/build.ninja -j 3");
    EXPECT_EQ(report->wheels[0].path, "/wheels/sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl");
    const Step& wheel = *report->outline.plan.find("wheel linux-sage2-pytorch26-cu126-python39");
    EXPECT_EQ(std::get<WheelRecipe>(wheel.recipe).source_date_epoch, 1700000000);
    EXPECT_TRUE(report->outline.plan.steps[0].output.starts_with("/cache/sagebuild/toolchains/cuda-12.6.3-linux-"));
}

TEST_F(BuildTest, AFailedStepIsQuoted) {
    m_stop_after = 4;
    EXPECT_EQ(errors(),
              "error[SB0304]: unit `smxx_preparation` does not compile for arch 8.0 with cuda-12.6.3\n"
              "  --> k.cu:3\n"
              "caused by: bad thing\n"
              "note: needed by linux-sage2-pytorch26-cu126-python310 and 1 more\n"
              "note: the command was: sagebuild-device compile\n");
}

TEST_F(BuildTest, NinjaIsMissing) {
    m_processes.programs.clear();
    EXPECT_EQ(errors(),
              "error[SB0506]: ninja is not on PATH\n"
              "hint: install it with `apt-get install ninja-build` or `pip install ninja`\n");
    m_processes.programs = {"ninja-build"};
    EXPECT_EQ(errors(), "");
}

TEST_F(BuildTest, NinjaItselfFails) {
    m_processes.answer = [](const Command&) {
        return ProcessResult{.exit_code = 1, .output = "ninja: error: build.ninja:3: bad\n", .error_output = ""};
    };
    EXPECT_EQ(errors(),
              "error[SB0504]: ninja ended with exit code 1\n"
              "caused by: ninja: error: build.ninja:3: bad\n"
              "note: the command was: ninja -f /project/.sagebuild/build.ninja\n");
}

TEST_F(BuildTest, ABadTimeIsRefused) {
    m_environment.variables["SOURCE_DATE_EPOCH"] = "yesterday";
    EXPECT_EQ(errors(),
              "error[SB0509]: the environment variable SOURCE_DATE_EPOCH is `yesterday`, which is no number of seconds\n"
              "hint: unset it, or take the time of the last commit: git log -1 --format=%ct\n");
}

TEST_F(BuildTest, AControlCharacterInAPathIsRefused) {
    m_request.build_directory = "/x\ny";
    EXPECT_EQ(errors(),
              "error[SB0502]: cannot build in `/x\ny`\n"
              "note: the path holds a control character, which ninja files cannot express\n");
}

TEST_F(BuildTest, AFullDiskIsTold) {
    m_files.full_disk_below = "/project/.sagebuild/recipes";
    EXPECT_NE(errors().find("No space left on device"), std::string::npos);
}

}  // namespace
}  // namespace sagebuild
