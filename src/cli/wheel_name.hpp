#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `wheel name`: file names of the wheels that a selector names.
void register_wheel_name(CLI::App& parent, Application& application);

}  // namespace sagebuild
