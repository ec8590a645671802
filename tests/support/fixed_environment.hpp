#pragma once

#include <map>
#include <string>

#include "edge/real_environment.hpp"

namespace sagebuild::test {

/// An environment that does not depend on how the test was started; the working directory is the real one.
class FixedEnvironment : public Environment {
  public:
    std::map<std::string, std::string> variables;
    int width = 0;  ///< of the terminal on stdout, 0 if it is none

    std::optional<std::string> variable(const std::string& name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
    std::string working_directory() const override { return m_real.working_directory(); }
    bool stdout_is_terminal() const override { return width > 0; }
    bool stderr_is_terminal() const override { return false; }
    int terminal_width() const override { return width; }
    std::string executable() const override { return m_real.executable(); }

  private:
    RealEnvironment m_real;
};

}  // namespace sagebuild::test
