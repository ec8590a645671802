#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/compat.hpp"
#include "core/wheel_environment.hpp"
#include "text/dockerfile_stages.hpp"

namespace sagebuild {

struct DockerfileRequest {
    std::string stage;                                   ///< name or number; empty: the last
    std::map<std::string, std::string> build_arguments;  ///< what `docker build --build-arg` is given
};

/// What a Dockerfile says about the machine that runs its image, without building it.
struct DockerfileEnvironment {
    WheelEnvironment environment;
    std::vector<std::string> notes;  ///< where facts come from that may be doubted, and why others are not known
};

/// The environment at the end of a stage: its base image (earlier stages followed), what it installs, `--platform`. Its bases' facts
/// come from `compat.base_images`, PyPI's CUDA from `compat.torch`.
DockerfileEnvironment read_dockerfile_environment(const std::vector<DockerfileStage>& stages, std::size_t stage, const Compat& compat);

/// Gives `environment` the facts of `known` that it lacks; torch and its CUDA belong together.
void complete_environment(WheelEnvironment& environment, const WheelEnvironment& known);

/// Reads the file; codes SB0470, SB0471, SB0501.
Result<DockerfileEnvironment> load_dockerfile_environment(const Edges& edges, const Compat& compat, const std::string& path,
                                                          const DockerfileRequest& request);

}  // namespace sagebuild
