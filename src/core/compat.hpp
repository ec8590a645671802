#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// One CUDA toolkit minor (`12.9`) as `matrix/compat/cuda.yaml` states it.
struct CudaToolkit {
    Version version;            ///< major.minor
    std::vector<Arch> targets;  ///< exactly the sm_ names that its ptxas takes, ascending
};

/// One torch minor (`2.8`) as `matrix/compat/torch.yaml` states it.
struct TorchRelease {
    Version version;               ///< major.minor
    std::vector<Version> pythons;  ///< GIL builds on linux x86-64
    std::vector<Version> cudas;    ///< major.minor of the variants that ship for linux x86-64
};

/// One compute capability as `matrix/compat/gpus.yaml` states it.
struct GpuGeneration {
    Arch arch;
    std::string family;
    std::vector<std::string> gpus;
    bool integrated = false;  ///< 8.7 and the like: images of other minors of the major do not count as fit
    bool arm_host = false;    ///< the machines around this GPU are 64-bit Arm
};

/// One pinned wheel of a toolchain.
struct PinnedWheel {
    std::string distribution;
    std::string version;
    std::map<std::string, std::string> sha256;  ///< by host platform, `linux-x86_64` or `linux-aarch64`
};

/// What compiles device code of one CUDA release (`12.9.1`), or host code (zig), without anything installed.
struct Toolchain {
    std::string name;  ///< `cuda-12.9.1` or `zig-0.15.2`
    std::vector<PinnedWheel> wheels;
};

/// The compatibility facts. New releases are edits under `matrix/compat/`.
struct Compat {
    std::map<Version, CudaToolkit> cuda;
    std::map<Version, TorchRelease> torch;
    std::map<Arch, GpuGeneration> gpus;
    std::map<Version, Toolchain> cuda_toolchains;  ///< by full release, `12.9.1`
    Toolchain host_toolchain;

    /// The toolkit that serves a full release such as `12.9.1`, by its minor.
    const CudaToolkit* find_cuda(const Version& release) const;
    const TorchRelease* find_torch(const Version& release) const;
};

}  // namespace sagebuild
