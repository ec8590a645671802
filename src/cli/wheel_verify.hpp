#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `wheel verify`: what is really inside finished wheels.
void register_wheel_verify(CLI::App& parent, Application& application);

}  // namespace sagebuild
