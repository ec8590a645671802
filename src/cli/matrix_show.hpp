#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `matrix show TARGET`: all about one target.
void register_matrix_show(CLI::App& parent, Application& application);

}  // namespace sagebuild
