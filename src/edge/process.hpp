#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace sagebuild {

/// For programs that may hang or flood: a broken interpreter, a driver that does not answer.
struct ProcessLimits {
    double seconds = 20;
    std::size_t output_bytes = std::size_t{4} << 20;  ///< of both streams together
};

struct Command {
    std::vector<std::string> arguments;                   ///< the program first, looked up on PATH
    std::string directory = {};                           ///< working directory, empty: ours
    std::map<std::string, std::string> environment = {};  ///< added to ours
    std::optional<ProcessLimits> limits = {};             ///< where exceeded, the program and what it started are killed
    bool joins_outputs = false;                           ///< stderr goes where stdout goes, in the order of writing
};

struct ProcessResult {
    int exit_code = 0;              ///< 128 + signal if killed by one
    bool stopped = false;           ///< killed at a limit of the command
    bool interrupted = false;       ///< SIGINT or SIGTERM reached us while it ran; it was passed on and awaited
    std::string output = {};        ///< stdout
    std::string error_output = {};  ///< stderr
};

/// Starts programs without a shell.
class ProcessRunner {
  public:
    virtual ~ProcessRunner() = default;
    /// Runs to its end. Error SB0503 if it cannot be started; a non-zero exit is a value.
    virtual Result<ProcessResult> run(const Command& command) = 0;
    /// As run, and hands each line of stdout to `on_line` as it arrives (without the newline).
    virtual Result<ProcessResult> run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) = 0;
    /// Absolute path of a program on PATH, empty if there is none.
    virtual std::string find_program(const std::string& name) const = 0;
};

}  // namespace sagebuild
