#pragma once

#include <string>

#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// What the stages `library` and `pack` of a container build do with the output of the device stage. The arch list comes from a build
/// argument, so it replaces that of the target's row, with all that follows from it.
struct ContainerStep {
    std::string cuda;              ///< toolkit of the images, `12.9.1`
    std::string archs;             ///< TORCH_CUDA_ARCH_LIST, separated by spaces, commas or semicolons
    std::string device_directory;  ///< where the fatbins and the record of dockerfiles/compile-device are
    std::string version;           ///< of sagebuild
};

/// Links the host library that all targets of a package, toolkit and CPU share. Errors SB0306, SB0309, and those of expansion and plans.
Result<> build_container_library(const ContainerStep& step, const std::string& package, const std::string& cpu, const std::string& output,
                                 const LoadedMatrix& loaded, const Edges& edges);

struct ContainerWheel {
    std::string target;
    std::string python;  ///< of the build arguments; compared with a row's
    std::string torch;
    std::string library;
    std::string out;  ///< directory
};

/// Packs the wheel of one target around the linked library; the same bytes as `sagebuild build` where the images are the same.
Result<> build_container_wheel(const ContainerStep& step, const ContainerWheel& wheel, const LoadedMatrix& loaded, const Edges& edges);

}  // namespace sagebuild
