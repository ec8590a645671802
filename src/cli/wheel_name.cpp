#include "cli/wheel_name.hpp"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "app/matrix_load.hpp"
#include "app/select.hpp"
#include "cli/matrix_option.hpp"
#include "core/selector.hpp"
#include "text/select_json.hpp"
#include "text/select_text.hpp"

namespace sagebuild {

namespace {

struct NameOptions {
    std::vector<std::string> selector;
    std::vector<std::string> parse;
    std::vector<std::string> names_files;
    bool json = false;
};

void print_names(Application& application, const std::vector<std::string>& selector) {
    const auto loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    const auto targets = select_targets(loaded->targets, loaded->matrix, selector);
    if (!targets) return application.report(targets.errors());
    for (const Target& target : *targets) application.out << target.wheel << "\n";
}

/// What given names say. A name that is none is an answer, not an error.
void parse_names(Application& application, const NameOptions& options) {
    const auto compat = load_compat_of(application.edges, application.matrix_directory);
    if (!compat) return application.report(compat.errors());
    std::vector<std::string> names = options.parse;
    Diagnostics warnings;
    const auto listed = load_candidate_names(application.edges, options.names_files, warnings);
    if (!listed) return application.report(listed.errors());
    for (const WheelCandidate& candidate : *listed) names.push_back(candidate.name);
    for (const std::string& name : names) {
        application.out << (options.json ? render_wheel_name_json(name, *compat) : render_wheel_facts(name, *compat));
    }
}

}  // namespace

void register_wheel_name(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("name", "file names of the targets' wheels, one a line; or what given names say");
    auto options = std::make_shared<NameOptions>();
    CLI::Option* selector = command->add_option(
        "SELECTOR", options->selector, "targets, groups, globs; python= torch= cuda= package= arch= kind= narrow (default: every target)");
    CLI::Option* parse = command->add_option("--parse", options->parse, "say what these file names say")->type_name("NAME");
    CLI::Option* names =
        command->add_option("--names", options->names_files, "the same for each line of a file; may be repeated")->allow_extra_args(false);
    command->add_flag("--json", options->json, "with --parse or --names: one JSON object a line");
    add_matrix_option(*command, application);
    selector->excludes(parse)->excludes(names);
    command->callback([&application, options] {
        if (options->parse.empty() && options->names_files.empty()) {
            print_names(application, options->selector);
        } else {
            parse_names(application, *options);
        }
    });
}

}  // namespace sagebuild
