#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix groups [--format table,json]`: the groups with their targets.
void register_matrix_groups(CLI::App& parent, Application& application);

}  // namespace sagebuild
