#pragma once

#include <string>

#include "core/compat.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// The container image that compiles device code of a CUDA release with nvcc.
struct CudaImage {
    std::string tag;   ///< `12.6.3-devel-ubuntu24.04`
    std::string note;  ///< why it is not the release's own, empty if it is
};

/// The release's own image if it is published, else the newest published patch of its minor: NVIDIA deletes superseded tags. Of the
/// systems the one with the newest glibc whose g++ the toolkit accepts.
CudaImage choose_cuda_image(const Version& cuda, const Compat& compat);

}  // namespace sagebuild
