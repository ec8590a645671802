#pragma once

#include <CLI/CLI.hpp>

#include "app/select.hpp"

namespace sagebuild {

/// `--environment`, `--dockerfile`, `--image`, `--probe` and the single options, which say where a wheel is to work.
void add_environment_options(CLI::App& command, EnvironmentOptions& environment);

}  // namespace sagebuild
