#pragma once

#include <CLI/CLI.hpp>

#include "app/requirements.hpp"
#include "cli/application.hpp"

namespace sagebuild {

/// FILE, the environment, the candidates and the stage, which `requirements check` and `requirements update` take alike.
void add_requirements_options(CLI::App& command, RequirementsRequest& request, Application& application);

/// The request with the options of the whole tool.
RequirementsRequest completed(RequirementsRequest request, const Application& application);

}  // namespace sagebuild
