#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix suggest FILE [--package NAME] [--kind row,universal]`: lines of the matrix that a file of wanted combinations asks for.
void register_matrix_suggest(CLI::App& parent, Application& application);

}  // namespace sagebuild
