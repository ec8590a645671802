#pragma once

#include <string>
#include <vector>

#include "core/image_files.hpp"
#include "core/wheel_environment.hpp"

namespace sagebuild {

/// What a container image's configuration says (OCI image specification, «Image Configuration»).
struct ImageConfig {
    std::string os;
    std::string architecture;              ///< Go's name, `amd64`
    std::vector<std::string> environment;  ///< `PATH=/usr/bin`
};

struct ImageEnvironment {
    WheelEnvironment environment;
    std::string system;  ///< `Debian GNU/Linux 12 (bookworm)`, may be empty
    std::string python;  ///< path of the interpreter that is meant, may be empty
    std::vector<std::string> notes;
};

/// The environment of a container that would run the image, from its files alone: the first `python3` or `python` of its PATH and the torch
/// that this one would import, or, if it has none, the only torch there is. A container's driver and GPUs are the machine's: unknown.
ImageEnvironment find_image_environment(const ImageConfig& config, const ImageFiles& files);

}  // namespace sagebuild
