#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release notes`: Markdown made from the wheels.
void register_release_notes(CLI::App& parent, Application& application);

}  // namespace sagebuild
