#pragma once

#include <string>

#include "app/edges.hpp"
#include "core/image_environment.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// `select --image REFERENCE`: an archive of `docker save` or of an OCI layout, the directory of an OCI layout, or an image of the local
/// engine, which is asked for it by `docker save`. Nothing of the image is run. Codes SB0460 to SB0464.
Result<ImageEnvironment> read_image_environment(const std::string& reference, const Edges& edges);

}  // namespace sagebuild
