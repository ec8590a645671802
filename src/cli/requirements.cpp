#include "cli/requirements.hpp"

#include "cli/requirements_check.hpp"
#include "cli/requirements_update.hpp"

namespace sagebuild {

void register_requirements(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("requirements", "wheels in requirements files, pyproject.toml, uv.lock and Dockerfiles");
    command->require_subcommand(1);
    register_requirements_check(*command, application);
    register_requirements_update(*command, application);
}

}  // namespace sagebuild
