#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `index build`: one index per torch and CUDA, for any static host.
void register_index_build(CLI::App& parent, Application& application);

}  // namespace sagebuild
