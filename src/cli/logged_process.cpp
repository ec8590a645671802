#include "cli/logged_process.hpp"

namespace sagebuild {

Result<ProcessResult> LoggedProcessRunner::run(const Command& command) {
    log_start(command);
    return log_end(command, m_inner.run(command));
}

Result<ProcessResult> LoggedProcessRunner::run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) {
    log_start(command);
    return log_end(command, m_inner.run_lines(command, on_line));
}

void LoggedProcessRunner::log_start(const Command& command) {
    std::string line;
    for (const std::string& argument : command.arguments) line += " " + printable(argument);
    m_log->debug("run{}", line);
    if (!command.directory.empty()) m_log->debug("  in {}", printable(command.directory));
}

Result<ProcessResult> LoggedProcessRunner::log_end(const Command& command, Result<ProcessResult> result) {
    const std::string program = command.arguments.empty() ? "" : printable(command.arguments.front());
    if (result) {
        m_log->debug("{} ended with {}", program, result->exit_code);
    } else {
        m_log->debug("{} was not started", program);
    }
    return result;
}

}  // namespace sagebuild
