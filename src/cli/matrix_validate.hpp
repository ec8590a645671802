#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix validate [FILE...]`: all problems at once.
void register_matrix_validate(CLI::App& parent, Application& application);

}  // namespace sagebuild
