#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release verify`: every file of a release against its documents.
void register_release_verify(CLI::App& parent, Application& application);

}  // namespace sagebuild
