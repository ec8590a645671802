#include "cli/wheel_name.hpp"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "core/selector.hpp"

namespace sagebuild {

namespace {

void print_names(Application& application, const std::vector<std::string>& selector) {
    const auto loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    const auto targets = select_targets(loaded->targets, loaded->matrix, selector);
    if (!targets) return application.report(targets.errors());
    for (const Target& target : *targets) application.out << target.wheel << "\n";
}

}  // namespace

void register_wheel_name(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("name", "file names of the targets' wheels, one a line");
    auto selector = std::make_shared<std::vector<std::string>>();
    command->add_option("SELECTOR", *selector,
                        "targets, groups, globs; python= torch= cuda= package= arch= kind= narrow (default: every target)");
    add_matrix_option(*command, application);
    command->callback([&application, selector] { print_names(application, *selector); });
}

}  // namespace sagebuild
