#include "cli/matrix_option.hpp"

namespace sagebuild {

void add_matrix_option(CLI::App& command, Application& application) {
    command.add_option("--matrix", application.matrix_directory,
                       "directory of the matrix (default: SAGEBUILD_MATRIX, else matrix/ here or above)");
}

}  // namespace sagebuild
