#pragma once

#include <string>

#include "app/edges.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// What `docker buildx` would build with.
struct DockerBuilder {
    std::string name;
    std::string driver;  ///< `docker`, `docker-container`, `kubernetes`, `remote`
};

/// The builder that buildx uses, after checking that it is there, new enough and reachable; nothing is started or pulled.
/// @param builder `--builder`, empty: buildx' choice. Errors SB0510 to SB0513, SB0515.
Result<DockerBuilder> find_docker_builder(const Edges& edges, const std::string& builder);

/// Whether the engine of the driver `docker` holds an image, so that nothing has to be pulled.
Result<bool> has_docker_image(const Edges& edges, const std::string& image);

}  // namespace sagebuild
