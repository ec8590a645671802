#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `requirements check`: what is wrong with the wheels of some files.
void register_requirements_check(CLI::App& parent, Application& application);

}  // namespace sagebuild
