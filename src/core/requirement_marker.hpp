#pragma once

#include <optional>
#include <string_view>

#include "core/wheel_environment.hpp"

namespace sagebuild {

/// What a marker (PEP 508) is in an environment: empty where that depends on what is not known, or where the marker is not understood.
std::optional<bool> evaluate_marker(std::string_view marker, const WheelEnvironment& environment);

/// The environment in which a requirement with this marker is installed: what a marker of equalities joined by `and` demands is known
/// there (`python_version == "3.12" and sys_platform == "linux"`).
WheelEnvironment narrowed_by_marker(std::string_view marker, WheelEnvironment environment);

}  // namespace sagebuild
