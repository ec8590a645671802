#include "cli/matrix_groups.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "text/target_json.hpp"
#include "text/target_table.hpp"

namespace sagebuild {

namespace {

void list_groups(Application& application, const std::string& format) {
    const auto loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    const std::vector<Group>& groups = loaded->targets.groups;
    if (format == "json") {
        application.out << render_groups_json(groups);
    } else {
        application.out << render_group_table(groups, static_cast<std::size_t>(application.edges.environment.terminal_width()));
    }
}

}  // namespace

void register_matrix_groups(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("groups", "the groups and their targets");
    auto format = std::make_shared<std::string>("table");
    command->add_option("--format", *format, "table or json")->check(CLI::IsMember({"table", "json"}))->capture_default_str();
    add_matrix_option(*command, application);
    command->callback([&application, format] { list_groups(application, *format); });
}

}  // namespace sagebuild
