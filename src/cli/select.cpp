#include "cli/select.hpp"

#include <cstdio>
#include <memory>
#include <ostream>

#include "app/select.hpp"
#include "cli/environment_option.hpp"
#include "cli/matrix_option.hpp"
#include "text/select_json.hpp"
#include "text/select_text.hpp"

namespace sagebuild {

namespace {

struct SelectOptions {
    SelectRequest request;
    bool json = false;
    bool all = false;
};

std::string time_text(const SelectReport& report) {
    char text[80];
    std::snprintf(text, sizeof text, "%zu wheels judged and ordered in %.1f ms", report.candidates.size(), report.seconds * 1e3);
    return text;
}

void select(Application& application, SelectOptions options) {
    options.request.matrix_directory = application.matrix_directory;
    const auto report = select_from(application.edges, options.request);
    if (!report) return application.report(report.errors());
    if (!report->warnings.empty()) application.report(report->warnings);
    for (const std::string& note : report->notes) application.err << "note: " << printable(note) << "\n";
    application.debug(time_text(*report));
    const bool has_pick = report->selection.pick() != nullptr;
    if (options.json) {
        application.out << render_selection_json(report->selection, report->candidates);
    } else if (has_pick || options.all || !report->selection.acceptable.empty()) {
        application.out << render_selection(report->selection, report->candidates, report->environment, options.all);
    }
    application.out.flush();
    if (has_pick) return;
    if (options.json) {
        application.exit_code = ExitCode::input;
    } else {
        application.report({explain_no_pick(*report, options.request.project)});
    }
}

}  // namespace

void register_select(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("select", "which of many wheels fits an environment, and why the others do not");
    auto options = std::make_shared<SelectOptions>();
    add_environment_options(*command, options->request.environment);
    CLI::App* wheels = command->add_option_group("wheels", "what to choose from");
    wheels->add_option("--names", options->request.names_files, "file with a wheel name or a JSON object a line; may be repeated")
        ->allow_extra_args(false);
    wheels
        ->add_option("--from", options->request.from,
                     "directory of wheels, wheel, index page or release (docs/wheel-sources.md); may be repeated")
        ->allow_extra_args(false);
    wheels->require_option(1, 0);
    command->add_option("--project", options->request.project, "the wanted distribution (default: any)");
    command->add_flag("--json", options->json, "the answer as JSON");
    command->add_flag("--all", options->all, "list every wheel with its reason");
    add_matrix_option(*command, application);
    command->callback([&application, options] { select(application, *options); });
}

}  // namespace sagebuild
