#include "cli/matrix_coverage.hpp"

#include <memory>
#include <ostream>

#include "app/coverage_wheels.hpp"
#include "app/matrix_load.hpp"
#include "app/package_choice.hpp"
#include "cli/matrix_option.hpp"
#include "core/coverage.hpp"
#include "core/coverage_filter.hpp"
#include "text/coverage_page.hpp"
#include "text/coverage_table.hpp"

namespace sagebuild {

namespace {

struct CoverageOptions {
    std::vector<std::string> words;
    std::string package;
    std::string html;
    std::vector<std::string> from;
    std::vector<std::string> names_files;
};

Result<Coverage> find_coverage(const Application& application, const CoverageOptions& options) {
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(const PackageMatrix* package, choose_package(loaded.matrix, options.package));
    const std::vector<Target>& targets = loaded.targets.targets;
    if (options.from.empty() && options.names_files.empty())
        return narrow_coverage(make_coverage(*package, targets, loaded.compat), options.words);
    const CoverageSources sources{options.from, options.names_files, package->name.value};
    SAGEBUILD_TRY(const CoverageWheels wheels, find_coverage_wheels(sources, targets, loaded.compat, application.edges));
    for (const std::string& note : wheels.notes) application.err << note << "\n";
    return narrow_coverage(make_coverage(*package, wheels.targets, loaded.compat, wheels.others), options.words);
}

void show_coverage(Application& application, const CoverageOptions& options) {
    const auto coverage = find_coverage(application, options);
    if (!coverage) return application.report(coverage.errors());
    if (options.html.empty()) {
        application.out << render_coverage_table(*coverage, static_cast<std::size_t>(application.edges.environment.terminal_width()));
        return;
    }
    if (const auto written = application.edges.files.write(options.html, render_coverage_page(*coverage)); !written) {
        return application.report(written.errors());
    }
    application.err << "wrote " << options.html << "\n";
}

}  // namespace

void register_matrix_coverage(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("coverage", "what torch ships against what the matrix covers, with reasons");
    auto options = std::make_shared<CoverageOptions>();
    command->add_option("WORD", options->words,
                        "torch= cuda= python= arch= os= cpu= narrow, kind=row or kind=universal counts such wheels only");
    command->add_option("--package", options->package, "distribution (default: the first with kernels)");
    command->add_option("--html", options->html, "write a page with all of it to FILE, needing nothing else")->type_name("FILE");
    command
        ->add_option("--from", options->from,
                     "count the wheels of a directory, an index or a release (OWNER/REPOSITORY@TAG), whoever made them; may be repeated")
        ->type_name("SOURCE");
    command->add_option("--names", options->names_files, "count the wheels named in FILE, one a line; may be repeated")->type_name("FILE");
    add_matrix_option(*command, application);
    command->callback([&application, options] { show_coverage(application, *options); });
}

}  // namespace sagebuild
