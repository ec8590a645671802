#include "cli/build.hpp"

#include <memory>
#include <ostream>

#include "app/bake.hpp"
#include "app/bake_selection.hpp"
#include "app/build.hpp"
#include "app/matrix_load.hpp"
#include "cli/bake.hpp"
#include "cli/build_console.hpp"
#include "cli/matrix_option.hpp"
#include "core/selector.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

struct BuildOptions {
    std::vector<std::string> selectors;
    std::string engine = "auto";
    BuildRequest request;
    bool explain = false;

    /// An option that ninja alone understands, empty if there is none.
    std::string local_option() const {
        if (request.jobs > 0) return "--jobs";
        if (!request.build_directory.empty()) return "--build-dir";
        if (request.dry_run) return "--dry-run";
        return explain ? "--explain" : "";
    }
    std::vector<std::string> target_names() const {
        return map_items(request.targets, [](const Target& target) { return target.name; });
    }
};

/// Whether `auto` means Docker: its files are current, an engine answers, and nothing would have to be pulled.
Result<bool> prefers_docker(Application& application, const BuildOptions& options, const LoadedMatrix& loaded) {
    if (!options.local_option().empty() || application.edges.processes.find_program("docker").empty()) return false;
    const Result<BakeFiles> files = render_bake_files(loaded, application.edges);
    if (!files || !check_bake_files(*files, loaded, application.edges)) return false;
    for (const Target& target : options.request.targets) {
        if (files->bake.find(target.name) == nullptr) return false;
    }
    SAGEBUILD_TRY(const std::string reason, explain_no_docker(*files, options.target_names(), application.edges));
    if (!reason.empty()) application.err << "engine: local, since " << printable(reason) << "\n";
    return reason.empty();
}

Result<> build_in_docker(Application& application, const BuildOptions& options, const LoadedMatrix& loaded) {
    if (const std::string option = options.local_option(); !option.empty()) {
        return Diagnostic{.code = "SB0508",
                          .what = "`" + option + "` is an option of `--engine local`",
                          .hints = {"`sagebuild bake` has those of Docker, `sagebuild bake --print` shows what it would build"}};
    }
    SAGEBUILD_TRY(const BakeFiles files, render_bake_files(loaded, application.edges));
    BakeRequest request{.names = {}, .sets = {}, .out = options.request.out};
    SAGEBUILD_TRY(request.names, select_bake_names(loaded, files.bake, options.target_names()));
    return run_in_docker(application, request, files, loaded);
}

void build_locally(Application& application, const BuildOptions& options, const LoadedMatrix& loaded) {
    BuildConsole console(application, options.explain && !options.request.dry_run);
    const Result<BuildReport> report = build(options.request, loaded, application.edges, console);
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

void run_build(Application& application, BuildOptions options) {
    const Result<LoadedMatrix> loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    if (options.selectors.empty() && loaded->targets.find_group("default") != nullptr) options.selectors = {"default"};
    Result<std::vector<Target>> targets = select_targets(loaded->targets, loaded->matrix, options.selectors);
    if (!targets) return application.report(targets.errors());
    options.request.targets = std::move(*targets);
    options.request.version = SAGEBUILD_VERSION;
    if (options.engine == "auto") {
        const Result<bool> docker = prefers_docker(application, options, *loaded);
        if (!docker) return application.report(docker.errors());
        options.engine = *docker ? "docker" : "local";
    }
    if (options.engine == "local") return build_locally(application, options, *loaded);
    if (const Result<> done = build_in_docker(application, options, *loaded); !done) application.report(done.errors());
}

}  // namespace

void register_build(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("build", "make wheels");
    auto options = std::make_shared<BuildOptions>();
    command->add_option("SELECTOR", options->selectors, "targets, groups, globs or filters such as torch=2.8 (default: group `default`)");
    command
        ->add_option("--engine", options->engine,
                     "local (ninja on this machine), docker (see `bake`), or auto: docker if nothing has to be pulled, else local")
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
