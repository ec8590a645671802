#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix list [SELECTOR...] [--format table,json,names]`: the targets that a selector means.
void register_matrix_list(CLI::App& parent, Application& application);

}  // namespace sagebuild
