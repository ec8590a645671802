#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "cli/application.hpp"
#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_http.hpp"
#include "edge/real_process.hpp"

int main(int argc, char** argv) {
    using namespace sagebuild;
    RealFileSystem files;
    RealProcessRunner processes;
    const RealEnvironment environment;
    const RealClock clock;
    RealHttpClient http(http_settings(environment, "sagebuild/" SAGEBUILD_VERSION));
    Application application{.edges = {files, processes, environment, clock, http}, .out = std::cout, .err = std::cerr};
    application.colour = environment.stderr_is_terminal() && !environment.variable("NO_COLOR");
    try {
        const ExitCode code = run_application(application, std::vector<std::string>(argv + 1, argv + argc));
        std::cout.flush();
        if (!std::cout) {
            application.report({{.code = "SB0502", .what = "cannot write to the standard output"}});
            return static_cast<int>(ExitCode::environment);
        }
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        application.report({{.code = "SB0901", .what = "internal error", .causes = {error.what()}}});
        return static_cast<int>(ExitCode::internal);
    }
}
