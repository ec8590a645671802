#pragma once

#include <CLI/CLI.hpp>

#include "app/release_plan.hpp"
#include "cli/application.hpp"

namespace sagebuild {

/// `--repository`, `--api`, `--token-file`.
void add_github_options(CLI::App& command, GitHubRequest& request);

/// These, and which tag shall have which files.
void add_release_options(CLI::App& command, ReleaseRequest& request, Application& application);

}  // namespace sagebuild
