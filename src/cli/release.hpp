#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release`: wheels as a release that others can check.
void register_release(CLI::App& parent, Application& application);

}  // namespace sagebuild
