#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

/// `requirements update`: sets the wheels of some files to those that fit.
void register_requirements_update(CLI::App& parent, Application& application);

}  // namespace sagebuild
