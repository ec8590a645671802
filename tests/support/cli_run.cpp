#include "support/cli_run.hpp"

#include <sstream>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_http.hpp"
#include "edge/real_process.hpp"

namespace sagebuild::testing {

CliRun run_cli(const Edges& edges, const std::vector<std::string>& arguments) {
    std::ostringstream out, err;
    Application application{.edges = edges, .out = out, .err = err};
    const ExitCode code = run_application(application, arguments);
    return {static_cast<int>(code), out.str(), err.str()};
}

CliRun run_cli(const Environment& environment, const std::vector<std::string>& arguments) {
    RealFileSystem files;
    RealProcessRunner processes;
    const RealClock clock;
    RealHttpClient http(http_settings(environment, "sagebuild"));
    return run_cli({files, processes, environment, clock, http}, arguments);
}

CliRun run_cli(const std::vector<std::string>& arguments) {
    return run_cli(RealEnvironment(), arguments);
}

}  // namespace sagebuild::testing
