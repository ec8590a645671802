#pragma once

#include <optional>
#include <string>

namespace sagebuild {

/// What the process was started with.
class Environment {
  public:
    virtual ~Environment() = default;
    virtual std::optional<std::string> variable(const std::string& name) const = 0;
    virtual std::string working_directory() const = 0;
    virtual bool stdout_is_terminal() const = 0;
    virtual bool stderr_is_terminal() const = 0;
    /// Columns of the terminal on stdout, 0 if it is none.
    virtual int terminal_width() const = 0;
    /// Absolute path of this executable.
    virtual std::string executable() const = 0;
};

}  // namespace sagebuild
