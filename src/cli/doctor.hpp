#pragma once

#include <CLI/CLI.hpp>

#include "cli/application.hpp"

namespace sagebuild {

void register_doctor(CLI::App& parent, Application& application);

}  // namespace sagebuild
