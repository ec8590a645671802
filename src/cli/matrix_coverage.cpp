#include "cli/matrix_coverage.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "app/package_choice.hpp"
#include "app/present_targets.hpp"
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
    std::string from;
};

Result<Coverage> find_coverage(const Application& application, const CoverageOptions& options) {
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(const PackageMatrix* package, choose_package(loaded.matrix, options.package));
    if (options.from.empty()) return narrow_coverage(make_coverage(*package, loaded.targets.targets, loaded.compat), options.words);
    SAGEBUILD_TRY(const PresentTargets present, find_present_targets(application.edges.files, options.from, loaded.targets.targets));
    for (const std::string& name : present.others) application.err << "not counted, no wheel of the matrix: " << printable(name) << "\n";
    return narrow_coverage(make_coverage(*package, present.targets, loaded.compat), options.words);
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
    command->add_option("--from", options->from, "count only wheels that are in this directory, or named in this file, one a line")
        ->type_name("PATH");
    add_matrix_option(*command, application);
    command->callback([&application, options] { show_coverage(application, *options); });
}

}  // namespace sagebuild
