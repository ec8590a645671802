#pragma once

#include <spdlog/spdlog.h>

#include <memory>

#include "edge/process.hpp"

namespace sagebuild {

/// Writes what it runs to the log (level debug: `--verbose`), then hands it on. Environments are left out: they may hold tokens.
class LoggedProcessRunner : public ProcessRunner {
  public:
    LoggedProcessRunner(ProcessRunner& inner, std::shared_ptr<spdlog::logger> log) : m_inner(inner), m_log(std::move(log)) {}

    Result<ProcessResult> run(const Command& command) override;
    Result<ProcessResult> run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) override;
    std::string find_program(const std::string& name) const override { return m_inner.find_program(name); }

  private:
    void log_start(const Command& command);
    Result<ProcessResult> log_end(const Command& command, Result<ProcessResult> result);

    ProcessRunner& m_inner;
    std::shared_ptr<spdlog::logger> m_log;
};

}  // namespace sagebuild
