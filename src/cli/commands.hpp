#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// Registers every command of the tool; the table of contents of src/cli.
void register_commands(CLI::App& app, Application& application);

}  // namespace sagebuild
