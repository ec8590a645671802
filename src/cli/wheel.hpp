#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `wheel name` and `wheel verify`.
void register_wheel(CLI::App& parent, Application& application);

}  // namespace sagebuild
