#include "cli/requirements_option.hpp"

#include "cli/environment_option.hpp"
#include "cli/matrix_option.hpp"

namespace sagebuild {

void add_requirements_options(CLI::App& command, RequirementsRequest& request, Application& application) {
    command.add_option("FILE", request.files, "requirements files, pyproject.toml, uv.lock, Dockerfiles")->required();
    add_environment_options(command, request.environment);
    command.add_option("--names", request.names_files, "file with a wheel name or a JSON object a line; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--from", request.from, "directory, index page or GitHub release with the wheels; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--stage", request.dockerfile.stage, "stage of the Dockerfiles among the files (default: the last)");
    command
        .add_option_function<std::vector<std::string>>(
            "--build-arg",
            [&request](const std::vector<std::string>& values) {
                for (const std::string& value : values) {
                    const std::size_t equals = value.find('=');
                    if (equals == std::string::npos || equals == 0) throw CLI::ValidationError("--build-arg", "write NAME=VALUE");
                    request.dockerfile.build_arguments[value.substr(0, equals)] = value.substr(equals + 1);
                }
            },
            "argument of these Dockerfiles as `docker build` is given it, NAME=VALUE; may be repeated")
        ->allow_extra_args(false);
    add_matrix_option(command, application);
}

RequirementsRequest completed(RequirementsRequest request, const Application& application) {
    request.matrix_directory = application.matrix_directory;
    return request;
}

}  // namespace sagebuild
