#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release gc`: removes what uploads left behind.
void register_release_gc(CLI::App& parent, Application& application);

}  // namespace sagebuild
