#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release documents`: checksums, provenance and bills of materials beside wheels.
void register_release_documents(CLI::App& parent, Application& application);

}  // namespace sagebuild
