#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "edge/process.hpp"

namespace sagebuild::testing {

/// Starts nothing: `answer` plays the programs, and every command is remembered.
class FakeProcessRunner : public ProcessRunner {
  public:
    std::set<std::string> programs;  ///< what is on PATH
    std::function<ProcessResult(const Command&)> answer;
    std::vector<Command> commands;

    Result<ProcessResult> run(const Command& command) override;
    Result<ProcessResult> run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) override;
    std::string find_program(const std::string& name) const override;
};

/// The value behind an option in a command line, empty if it is not there.
std::string value_behind(const Command& command, const std::string& option);

/// The words of a command line, separated by spaces.
std::string joined(const Command& command);

/// `text` with every `from` as `to`, to take a temporary directory out of a whole-text comparison.
std::string replace_all(std::string text, const std::string& from, const std::string& to);

}  // namespace sagebuild::testing
