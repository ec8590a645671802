#pragma once

#include <vector>

#include "core/requirement_file.hpp"
#include "text/dockerfile_stages.hpp"

namespace sagebuild {

/// The wheels, pins and indexes of a Dockerfile: `pip install` and `uv`, downloads (`ADD`, `curl`, `wget`) with their checksums, wheels
/// in `ARG` and `ENV`, wheels that are copied. `stages` are those of `document`.
RequirementFile find_dockerfile_requirements(const DockerfileDocument& document, const std::vector<DockerfileStage>& stages);

}  // namespace sagebuild
