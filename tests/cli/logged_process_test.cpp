#include "cli/logged_process.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "support/fake_process_runner.hpp"

namespace sagebuild {

class LoggedProcess : public ::testing::Test {
  protected:
    LoggedProcess() : m_log(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_st>(m_text))) {
        m_log->set_pattern("%l: %v");
        m_fake.programs = {"ninja"};
        m_fake.answer = [](const Command&) { return ProcessResult{.exit_code = 3}; };
    }

    std::ostringstream m_text;
    std::shared_ptr<spdlog::logger> m_log;
    testing::FakeProcessRunner m_fake;
};

TEST_F(LoggedProcess, SaysWhatRunsAndHowItEndsButNoEnvironment) {
    m_log->set_level(spdlog::level::debug);
    LoggedProcessRunner runner(m_fake, m_log);
    const auto result =
        runner.run({.arguments = {"ninja", "-f", "a\x1b.ninja"}, .directory = "/project", .environment = {{"TOKEN", "secret"}}});
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_EQ(m_text.str(), "debug: run ninja -f a\\x1b.ninja\ndebug:   in /project\ndebug: ninja ended with 3\n");
}

TEST_F(LoggedProcess, IsSilentUnlessAsked) {
    LoggedProcessRunner runner(m_fake, m_log);
    EXPECT_TRUE(runner.run_lines({.arguments = {"ninja"}}, [](std::string_view) {}));
    EXPECT_EQ(m_text.str(), "");
}

}  // namespace sagebuild
