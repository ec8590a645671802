#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "app/edges.hpp"
#include "core/diagnostic.hpp"

namespace sagebuild {

/// Exit codes, the contract with scripts: 130 is an interrupted run.
enum class ExitCode { ok = 0, input = 1, usage = 2, environment = 3, internal = 4, interrupted = 130 };

/// One run of the tool: its edges, its streams and what it will exit with. Data goes to `out`, everything else to `err`.
struct Application {
    Edges edges;
    std::ostream& out;
    std::ostream& err;
    bool colour = false;                ///< diagnostics in colour: stderr is a terminal and NO_COLOR is unset
    std::string matrix_directory = {};  ///< `--matrix DIR`
    ExitCode exit_code = ExitCode::ok;
    std::function<void(const std::string&)> debug = [](const std::string&) {};  ///< says something with `--verbose`, on stderr

    /// Prints the diagnostics and sets the exit code from the group of the first error.
    void report(const Diagnostics& diagnostics);
};

/// Group 05 and 06 up to SB0639 are the environment, 09 is ours, all else is input.
ExitCode exit_code_for(const Diagnostics& diagnostics);

/// The whole tool without a process around it, on a copy of `given` whose programs are logged. `arguments` excludes the program name.
ExitCode run_application(const Application& given, const std::vector<std::string>& arguments);

}  // namespace sagebuild
