#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `index`: package indexes for static hosts.
void register_index(CLI::App& app, Application& application);

}  // namespace sagebuild
