#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix watch [--json] [--write]`: what package indexes hold and the matrix does not know, and the lines for it.
void register_matrix_watch(CLI::App& parent, Application& application);

}  // namespace sagebuild
