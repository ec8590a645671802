#include "cli/index.hpp"

#include "cli/index_build.hpp"

namespace sagebuild {

void register_index(CLI::App& app, Application& application) {
    CLI::App* command = app.add_subcommand("index", "package indexes from which pip and uv take the right wheel");
    command->require_subcommand(1);
    register_index_build(*command, application);
}

}  // namespace sagebuild
