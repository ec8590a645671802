#pragma once

#include <string>

#include "core/wheel_environment.hpp"

namespace sagebuild::testing {

/// All fields of an environment in one line, `-` for what is unknown.
std::string environment_text(const WheelEnvironment& environment);

}  // namespace sagebuild::testing
