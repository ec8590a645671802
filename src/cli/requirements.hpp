#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `requirements check`, `requirements update`.
void register_requirements(CLI::App& parent, Application& application);

}  // namespace sagebuild
