#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error_codes.hpp"
#include "core/release_body.hpp"
#include "support/cli_run.hpp"
#include "support/example_wheel.hpp"
#include "support/fake_github.hpp"
#include "support/fake_process_runner.hpp"
#include "support/golden.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

class ReleaseCliTest : public ::testing::Test {
  protected:
    ReleaseCliTest() {
        const test::ExampleWheel wheel = test::make_example_wheel(test::example_universal());
        m_name = wheel.file_name;
        m_files.files["dist/" + m_name] = wheel.pack();
        m_environment.variables = {{"GITHUB_TOKEN", "ghp_secret"}};
    }

    testing::CliRun run(const std::string& subcommand, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"release", subcommand, "--repository", "o/r"};
        if (subcommand != "gc") arguments.insert(arguments.end(), {"--tag", "v1"});
        arguments.insert(arguments.end(), more.begin(), more.end());
        const testing::CliRun run = testing::run_cli(m_edges, arguments);
        EXPECT_EQ((run.out + run.err).find("ghp_secret"), std::string::npos);
        std::string title = subcommand;
        for (const std::string& word : more) title += " " + word;
        m_text +=
            "==== " + title + ": exit code " + std::to_string(run.exit_code) + "\n---- stdout\n" + run.out + "---- stderr\n" + run.err;
        return run;
    }
    void expect_golden(const std::string& name) {
        EXPECT_TRUE(test::matches_golden(test::golden_directory() / "release-upload" / name, m_text));
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeGitHub m_github;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_github};
    std::string m_name;
    std::string m_text;
};

TEST_F(ReleaseCliTest, PlanUploadAndPlanAgain) {
    run("plan");
    EXPECT_TRUE(m_github.releases.empty());
    run("upload", {"--jobs", "1"});
    run("plan");
    run("upload");
    expect_golden("done.txt");
}

TEST_F(ReleaseCliTest, ThePlanAsJson) {
    const auto plan = nlohmann::json::parse(run("plan", {"--json"}).out);
    EXPECT_EQ(plan["release"], "absent");
    EXPECT_EQ(plan["creating_requests"], 6);
    EXPECT_EQ(plan["files"].size(), 4U);
    EXPECT_EQ(plan["problems"].size(), 0U);
    m_github.add_asset(m_github.add_release("v1", false), m_name, "other");
    const auto refused = run("plan", {"--json"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_EQ(nlohmann::json::parse(refused.out)["problems"][0]["code"], "SB0624");
}

TEST_F(ReleaseCliTest, RefusalsAndReplacement) {
    m_github.add_asset(m_github.add_release("v1", false, "Text."), m_name, "other");
    const testing::CliRun refused = run("upload");
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(
        refused.err.find("error[SB0624]: release `v1` has `" + m_name + "` with other bytes, and is not overwritten\nnote: there: 5 bytes"),
        std::string::npos);
    m_text.clear();
    run("plan", {"--replace", "--reason", "wrong archs"});
    run("upload", {"--replace", "--reason", "wrong archs", "--jobs", "1"});
    run("upload", {"--replace"});
    expect_golden("replaced.txt");
}

TEST_F(ReleaseCliTest, WhatIsWrongIsTold) {
    m_environment.variables.clear();
    run("upload");
    run("gc");
    m_environment.variables["SAGEBUILD_RETRY_SECONDS"] = "soon";
    run("plan");
    m_environment.variables.clear();
    m_files.readable_by_all = "token";
    m_files.files["token"] = "ghp_secret";
    run("upload", {"--token-file", "token"});
    run("plan", {"--from", "elsewhere"});
    m_files.files["empty/readme"] = "";
    run("plan", {"--from", "empty"});
    expect_golden("wrong.txt");
}

TEST_F(ReleaseCliTest, Leftovers) {
    m_github.add_release("v0", true, add_draft_marker("", "x"));
    m_github.add_asset(m_github.add_release("v1", false), "a.whl", "", AssetState::starter);
    run("gc", {"--dry-run"});
    run("gc");
    run("gc");
    expect_golden("gc.txt");
}

TEST_F(ReleaseCliTest, ProgressIsShownOnATerminalOnly) {
    m_environment.terminal = true;
    m_environment.width = 60;
    const testing::CliRun shown = run("upload", {"--jobs", "1"});
    EXPECT_NE(shown.err.find("\r\x1b[2K[####################] 4/4 files"), std::string::npos) << shown.err;
    EXPECT_EQ(shown.out.find('\r'), std::string::npos);
}

}  // namespace
}  // namespace sagebuild
