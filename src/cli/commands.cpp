#include "cli/commands.hpp"

#include "cli/explain.hpp"
#include "cli/matrix.hpp"

namespace sagebuild {

void register_commands(CLI::App& app, Application& application) {
    register_explain(app, application);
    register_matrix(app, application);
}

}  // namespace sagebuild
