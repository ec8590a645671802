#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `select`: which of many wheels fits an environment, and why the others do not.
void register_select(CLI::App& parent, Application& application);

}  // namespace sagebuild
