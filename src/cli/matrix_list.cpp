#include "cli/matrix_list.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "core/selector.hpp"
#include "text/target_json.hpp"
#include "text/target_table.hpp"

namespace sagebuild {

namespace {

struct ListOptions {
    std::vector<std::string> selector;
    std::string format = "table";
};

Result<std::vector<Target>> find_targets(const Application& application, const std::vector<std::string>& selector) {
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    return select_targets(loaded.targets, loaded.matrix, selector);
}

void list_targets(Application& application, const ListOptions& options) {
    const auto targets = find_targets(application, options.selector);
    if (!targets) return application.report(targets.errors());
    if (options.format == "json") {
        application.out << render_targets_json(*targets);
    } else if (options.format == "names") {
        for (const Target& target : *targets) application.out << target.name << "\n";
    } else {
        application.out << render_target_table(*targets, static_cast<std::size_t>(application.edges.environment.terminal_width()));
        application.out.flush();
        application.err << render_target_summary(*targets);
    }
}

}  // namespace

void register_matrix_list(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("list", "the targets with their archs and wheel names");
    auto options = std::make_shared<ListOptions>();
    command->add_option("SELECTOR", options->selector,
                        "targets, groups, globs; python= torch= cuda= package= arch= kind= narrow (default: every target)");
    command->add_option("--format", options->format, "table, json or names")
        ->check(CLI::IsMember({"table", "json", "names"}))
        ->capture_default_str();
    add_matrix_option(*command, application);
    command->callback([&application, options] { list_targets(application, *options); });
}

}  // namespace sagebuild
