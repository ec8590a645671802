#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `--matrix DIR`, which every command that reads the matrix takes, so that it may also stand behind the command's name.
/// (CLI11's fallthrough would also take a selector such as `build` for the command of that name.)
void add_matrix_option(CLI::App& command, Application& application);

}  // namespace sagebuild
