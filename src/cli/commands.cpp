#include "cli/commands.hpp"

#include "cli/explain.hpp"

namespace sagebuild {

void register_commands(CLI::App& app, Application& application) {
    register_explain(app, application);
}

}  // namespace sagebuild
