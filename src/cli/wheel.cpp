#include "cli/wheel.hpp"

#include "cli/wheel_name.hpp"
#include "cli/wheel_verify.hpp"

namespace sagebuild {

void register_wheel(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("wheel", "names of wheels, and what is really inside them");
    command->require_subcommand(1);
    register_wheel_name(*command, application);
    register_wheel_verify(*command, application);
}

}  // namespace sagebuild
