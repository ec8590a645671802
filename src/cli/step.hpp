#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `step toolchain|host-library|wheel RECIPE`: one step of a build. What ninja runs; hidden from help.
void register_step(CLI::App& parent, Application& application);

}  // namespace sagebuild
