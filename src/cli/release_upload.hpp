#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `release upload`: wheels and their documents as a release, published when all is there.
void register_release_upload(CLI::App& parent, Application& application);

}  // namespace sagebuild
