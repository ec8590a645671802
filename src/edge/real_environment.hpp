#pragma once

#include "edge/environment.hpp"

namespace sagebuild {

/// This process.
class RealEnvironment : public Environment {
  public:
    std::optional<std::string> variable(const std::string& name) const override;
    std::string working_directory() const override;
    bool stdout_is_terminal() const override;
    bool stderr_is_terminal() const override;
    int terminal_width() const override;
    std::string executable() const override;
};

}  // namespace sagebuild
