#include "cli/matrix.hpp"

#include "cli/matrix_coverage.hpp"
#include "cli/matrix_export.hpp"
#include "cli/matrix_groups.hpp"
#include "cli/matrix_list.hpp"
#include "cli/matrix_show.hpp"
#include "cli/matrix_suggest.hpp"
#include "cli/matrix_validate.hpp"
#include "cli/matrix_watch.hpp"

namespace sagebuild {

void register_matrix(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("matrix", "what the matrix means: its targets, groups and faults");
    command->require_subcommand(1);
    register_matrix_list(*command, application);
    register_matrix_show(*command, application);
    register_matrix_groups(*command, application);
    register_matrix_export(*command, application);
    register_matrix_coverage(*command, application);
    register_matrix_suggest(*command, application);
    register_matrix_validate(*command, application);
    register_matrix_watch(*command, application);
}

}  // namespace sagebuild
