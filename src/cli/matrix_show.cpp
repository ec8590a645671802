#include "cli/matrix_show.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "core/nearest.hpp"
#include "core/text_list.hpp"
#include "text/target_table.hpp"

namespace sagebuild {

namespace {

Diagnostic unknown_target(const TargetSet& set, const std::string& name) {
    Diagnostic error{.code = "SB0224", .what = "`" + name + "` is not a target"};
    if (const Group* group = set.find_group(name)) {
        error.what += " but a group of " + std::to_string(group->targets.size());
        error.hints.push_back("`sagebuild matrix list " + name + "` lists them");
        return error;
    }
    const auto names = map_items(set.targets, [](const Target& target) { return target.name; });
    error.nearest = find_nearest(name, names);
    if (error.nearest.empty()) error.hints.push_back("`sagebuild matrix list --format names` lists all targets");
    return error;
}

void show_target(Application& application, const std::string& name) {
    const auto loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    const Target* target = loaded->targets.find(name);
    if (target == nullptr) return application.report({unknown_target(loaded->targets, name)});
    application.out << render_target(*target);
}

}  // namespace

void register_matrix_show(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("show", "one target in full: archs with reasons, units, wheel, groups");
    auto name = std::make_shared<std::string>();
    command->add_option("TARGET", *name, "name of the target")->required();
    add_matrix_option(*command, application);
    command->callback([&application, name] { show_target(application, *name); });
}

}  // namespace sagebuild
