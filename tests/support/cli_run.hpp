#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "cli/application.hpp"

namespace sagebuild::testing {

/// What one in-process run of the tool printed.
struct CliRun {
    int exit_code = 0;
    std::string out;
    std::string err;
};

/// Runs the tool in this process over the given edges.
CliRun run_cli(const Edges& edges, const std::vector<std::string>& arguments);

/// The same over the machine's real edges but for the environment.
CliRun run_cli(const Environment& environment, const std::vector<std::string>& arguments);

/// The same over the machine's real edges.
CliRun run_cli(const std::vector<std::string>& arguments);

}  // namespace sagebuild::testing
