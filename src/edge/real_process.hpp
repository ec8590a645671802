#pragma once

#include "edge/process.hpp"

namespace sagebuild {

/// The machine's programs.
class RealProcessRunner : public ProcessRunner {
  public:
    Result<ProcessResult> run(const Command& command) override;
    Result<ProcessResult> run_lines(const Command& command, const std::function<void(std::string_view)>& on_line) override;
    std::string find_program(const std::string& name) const override;
};

}  // namespace sagebuild
