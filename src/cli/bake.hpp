#pragma once

#include <CLI/CLI.hpp>

#include "app/bake.hpp"
#include "cli/application.hpp"

namespace sagebuild {

/// `bake [SELECTOR...]`: makes wheels in containers, and the files that `docker buildx bake` reads.
void register_bake(CLI::App& parent, Application& application);

/// Runs buildx, whose output goes to stderr, and lists the wheels.
Result<> run_in_docker(Application& application, const BakeRequest& request, const BakeFiles& files, const LoadedMatrix& loaded);

}  // namespace sagebuild
