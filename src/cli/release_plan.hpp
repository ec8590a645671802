#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release plan`: what `release upload` would do.
void register_release_plan(CLI::App& parent, Application& application);

}  // namespace sagebuild
