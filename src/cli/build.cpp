#include "cli/build.hpp"

#include <memory>
#include <ostream>

#include "app/build.hpp"
#include "app/matrix_load.hpp"
#include "cli/build_console.hpp"
#include "cli/matrix_option.hpp"
#include "core/selector.hpp"

namespace sagebuild {

namespace {

struct BuildOptions {
    std::vector<std::string> selectors;
    BuildRequest request;
    bool explain = false;
};

void run_build(Application& application, BuildOptions options) {
    const Result<LoadedMatrix> loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    if (options.selectors.empty() && loaded->targets.find_group("default") != nullptr) options.selectors = {"default"};
    Result<std::vector<Target>> targets = select_targets(loaded->targets, loaded->matrix, options.selectors);
    if (!targets) return application.report(targets.errors());
    options.request.targets = std::move(*targets);
    options.request.version = SAGEBUILD_VERSION;
    BuildConsole console(application, options.explain && !options.request.dry_run);
    const Result<BuildReport> report = build(options.request, *loaded, application.edges, console);
    console.end_progress();
    if (!report) return application.report(report.errors());
    if (report->interrupted) {
        application.err << "interrupted; what is done is kept, the next build goes on from there\n";
        application.exit_code = ExitCode::interrupted;
    } else if (options.request.dry_run) {
        print_dry_run(application, report->outline, options.explain);
    } else {
        print_report(application, *report);
    }
}

}  // namespace

void register_build(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("build", "make wheels");
    auto options = std::make_shared<BuildOptions>();
    command->add_option("SELECTOR", options->selectors, "targets, groups, globs or filters such as torch=2.8 (default: group `default`)");
    command->add_option("--engine", options->request.engine, "what runs the steps: auto or local (ninja on this machine)")
        ->check(CLI::IsMember({"auto", "local", "docker"}))
        ->type_name("ENGINE");
    command->add_option("--out", options->request.out, "directory for the wheels")->capture_default_str();
    command->add_option("--build-dir", options->request.build_directory,
                        "directory for intermediate files (default: .sagebuild beside the matrix)");
    command->add_option("--jobs", options->request.jobs, "steps that run at once (default: ninja's choice)")->check(CLI::PositiveNumber);
    command->add_flag("--explain", options->explain, "tell why each step runs");
    command->add_flag("--dry-run", options->request.dry_run, "print the steps and who shares them, run nothing");
    add_matrix_option(*command, application);
    command->callback([&application, options] { run_build(application, *options); });
}

}  // namespace sagebuild
