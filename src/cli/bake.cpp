#include "cli/bake.hpp"

#include <memory>
#include <ostream>

#include "app/bake.hpp"
#include "app/bake_files.hpp"
#include "app/bake_selection.hpp"
#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "text/bake_json.hpp"

namespace sagebuild {

namespace {

struct BakeOptions {
    std::vector<std::string> selectors;
    bool print = false;
    bool emit = false;
    bool check = false;
    BakeRequest request;
};

Result<> emit_files(Application& application, const BakeFiles& files, const LoadedMatrix& loaded) {
    SAGEBUILD_TRY(const std::vector<std::string> changed, write_bake_files(files, loaded, application.edges));
    for (const std::string& path : changed) application.out << path << "\n";
    application.err << changed.size() << " of " << files.files.size() << " files changed\n";
    return Unit{};
}

Result<> run_selection(Application& application, const BakeOptions& options) {
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(const BakeFiles files, render_bake_files(loaded, application.edges));
    if (options.emit) return emit_files(application, files, loaded);
    if (options.check) {
        SAGEBUILD_CHECK(check_bake_files(files, loaded, application.edges));
        application.err << "all " << files.files.size() << " files are what the matrix gives\n";
        return Unit{};
    }
    SAGEBUILD_TRY(const std::vector<std::string> names, select_bake_names(loaded, files.bake, options.selectors));
    if (options.print) {
        const Environment& environment = application.edges.environment;
        application.out << render_bake_json(files.bake, names, [&](const std::string& name) { return environment.variable(name); });
        return Unit{};
    }
    BakeRequest request = options.request;
    request.names = names;
    return run_in_docker(application, request, files, loaded);
}

}  // namespace

Result<> run_in_docker(Application& application, const BakeRequest& request, const BakeFiles& files, const LoadedMatrix& loaded) {
    SAGEBUILD_TRY(const BakeReport report, bake(request, files, loaded, application.edges, [&](std::string_view line) {
                      application.err << printable(line, 2000) << "\n" << std::flush;
                  }));
    if (report.interrupted) {
        application.err << "interrupted; the engine keeps what is done\n";
        application.exit_code = ExitCode::interrupted;
    }
    for (const std::string& wheel : report.wheels) application.out << "✔ " << wheel << "\n";
    return Unit{};
}

void register_bake(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("bake", "make wheels in containers with docker buildx bake");
    auto options = std::make_shared<BakeOptions>();
    command->add_option("SELECTOR", options->selectors,
                        "targets, groups, globs or filters, and test-TARGET or test-all (default: group `default`)");
    CLI::Option* print = command->add_flag("--print", options->print, "print what buildx resolves, as JSON; needs no Docker");
    CLI::Option* emit = command->add_flag("--emit", options->emit, "write docker-bake.hcl and the files of dockerfiles/, run nothing");
    CLI::Option* check = command->add_flag("--check", options->check, "fail if those files are not what the matrix gives, run nothing");
    command->add_option("--set", options->request.sets, "TARGET.KEY=VALUE, handed to buildx; may be repeated")
        ->allow_extra_args(false)
        ->excludes(print);
    command->add_option("--out", options->request.out, "directory of the wheels (default: dist beside the matrix)")
        ->type_name("DIR")
        ->excludes(print);
    command->add_option("--builder", options->request.builder, "builder of buildx (default: its own choice)");
    command->add_option("--progress", options->request.progress, "how buildx tells its progress")
        ->check(CLI::IsMember({"auto", "plain", "quiet", "rawjson"}));
    command->add_flag("--no-cache", options->request.no_cache, "build every stage anew");
    print->excludes(emit)->excludes(check);
    emit->excludes(check);
    add_matrix_option(*command, application);
    command->callback([&application, options] {
        if (const Result<> done = run_selection(application, *options); !done) application.report(done.errors());
    });
}

}  // namespace sagebuild
