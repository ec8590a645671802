#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `build [SELECTOR...]`: makes wheels.
void register_build(CLI::App& parent, Application& application);

}  // namespace sagebuild
