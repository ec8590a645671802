#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `explain [CODE]`: the page of an error code, or the list of all.
void register_explain(CLI::App& parent, Application& application);

}  // namespace sagebuild
