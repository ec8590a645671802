#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix list`, `show`, `groups` and `validate`.
void register_matrix(CLI::App& parent, Application& application);

}  // namespace sagebuild
