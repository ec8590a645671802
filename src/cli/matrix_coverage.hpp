#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix coverage [KEY=VALUE...] [--package NAME] [--html FILE]`: what torch ships against what the matrix covers.
void register_matrix_coverage(CLI::App& parent, Application& application);

}  // namespace sagebuild
