#include "cli/matrix_validate.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"

namespace sagebuild {

namespace {

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void validate(Application& application, const std::vector<std::string>& files) {
    const auto loaded = files.empty() ? load_matrix(application.edges, application.matrix_directory)
                                      : load_matrix_files(application.edges, application.matrix_directory, files);
    if (!loaded) {
        application.report(loaded.errors());
        if (loaded.errors().size() > 1) application.err << "\n" << counted(loaded.errors().size(), "problem") << "\n";
        return;
    }
    for (const PackageMatrix& package : loaded->matrix.packages) application.err << package.file << ": no problems\n";
    application.err << counted(loaded->targets.targets.size(), "target") << ", " << counted(loaded->targets.groups.size(), "group") << "\n";
}

}  // namespace

void register_matrix_validate(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("validate", "all problems of the matrix, or of some of its files, at once");
    auto files = std::make_shared<std::vector<std::string>>();
    command->add_option("FILE", *files, "package files, read together (default: the whole matrix)");
    add_matrix_option(*command, application);
    command->callback([&application, files] { validate(application, *files); });
}

}  // namespace sagebuild
