#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix export [SELECTOR...] [--format gha,csv,md] [--shard-by target,cuda]`: the targets for CI and for docs.
void register_matrix_export(CLI::App& parent, Application& application);

}  // namespace sagebuild
