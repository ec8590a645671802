#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/dockerfile_environment.hpp"
#include "app/edges.hpp"
#include "app/select.hpp"
#include "core/requirements_check.hpp"
#include "core/requirements_update.hpp"
#include "text/requirements_json.hpp"

namespace sagebuild {

struct RequirementsRequest {
    std::vector<std::string> files;
    EnvironmentOptions environment;  ///< what a Dockerfile among the files says completes it
    DockerfileRequest dockerfile;
    std::vector<std::string> names_files;  ///< the candidates
    std::vector<std::string> from;         ///< more of them: directories, indexes, releases
    std::string matrix_directory;          ///< for its compatibility data
    std::string url_prefix;                ///< where candidates without a URL lie
    bool dry_run = false;                  ///< nothing is written
};

/// Files with those that they include. The environment of the first Dockerfile holds for the other files too: they are installed in it.
struct LoadedRequirements {
    std::vector<RequirementGroup> groups;                 ///< by file of the request
    std::vector<WheelEnvironment> environments;           ///< what each group is compared with
    std::vector<std::map<int, WheelEnvironment>> stages;  ///< of each group that is a Dockerfile's
    std::vector<std::string> notes;                       ///< of the Dockerfiles
    Diagnostics problems;                                 ///< files that cannot be read; their groups are empty
};

/// What a file is: by its name, as its programs do. `uv.lock`, `*.toml`, `Dockerfile*` and `*.dockerfile`; anything else is a
/// requirements file.
enum class RequirementFormat { requirements, pyproject, uv_lock, dockerfile };
RequirementFormat format_of(const std::string& path);

struct CheckedRequirements {
    std::vector<CheckedGroup> groups;
    LoadedRequirements loaded;       ///< what the groups point into
    std::vector<std::string> notes;  ///< where facts come from, and why others are not known
    Diagnostics problems;            ///< all
};

/// Fails as a whole where the environment or the candidates cannot be read; a problem of a file is told among the others: SB0440 to SB0450,
/// SB0456, SB0470, SB0471, SB0501.
Result<CheckedRequirements> check_requirement_files(const RequirementsRequest& request, const Edges& edges);

struct UpdatedRequirements {
    std::vector<FileUpdate> files;
    std::vector<std::string> notes;
    Diagnostics problems;
};

/// Rewrites the files of the request and those that they include; a file with an error is left as it is. Codes SB0440, SB0451 to SB0456,
/// SB0470, SB0471, SB0501, SB0502.
Result<UpdatedRequirements> update_requirement_files(const RequirementsRequest& request, const Edges& edges);

}  // namespace sagebuild
