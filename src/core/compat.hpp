#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/base_image.hpp"
#include "core/driver_version.hpp"
#include "core/naming_scheme.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// One CUDA toolkit minor (`12.9`) as `matrix/compat/cuda.yaml` states it.
struct CudaToolkit {
    Version version;                  ///< major.minor
    std::vector<Arch> targets;        ///< exactly the sm_ names that its ptxas takes, ascending
    std::optional<int> gcc_max = {};  ///< the last major version that its host_config.h accepts
    std::optional<int> clang_max = {};
};

/// The device images in one official torch wheel.
struct TorchImages {
    bool is_known = true;      ///< false: the wheel ships, its archs are not confirmed
    std::vector<Arch> cubins;  ///< in the order of the file
    std::vector<Arch> ptx;     ///< of `12.0+PTX`
};

/// One CUDA variant of a torch minor, by platform; empty: it does not ship there.
struct TorchVariant {
    std::optional<TorchImages> linux_x86_64;
    std::optional<TorchImages> linux_aarch64;
    bool windows = false;
};

/// One torch minor (`2.8`) as `matrix/compat/torch.yaml` states it.
struct TorchRelease {
    Version version;                               ///< major.minor
    std::vector<Version> pythons;                  ///< GIL builds on linux x86-64
    std::vector<Version> cudas;                    ///< major.minor of the variants that ship for linux x86-64
    std::map<Version, TorchVariant> variants;      ///< by CUDA major.minor
    std::vector<Version> unverified;               ///< variants of which it is not settled that they ship
    std::vector<Version> pythons_free_threaded;    ///< `3.13` for `3.13t`
    std::optional<Version> pypi_cuda;              ///< CUDA of PyPI's linux x86-64 wheel
    std::optional<Version> pypi_cuda_aarch64;      ///< likewise; empty: a CPU wheel, or not known
    std::optional<bool> cxx11_abi;                 ///< of all variants
    std::map<Version, bool> cxx11_abi_by_variant;  ///< where variants differ
    int cxx_std_required = 0;                      ///< torch/all.h refuses to compile below it, `17`; 0: not known
    std::string platform;                          ///< of PyPI's linux wheels: `manylinux_2_28`

    /// Whether the variant of `cuda` uses the new C++ ABI of libstdc++; empty: not known.
    std::optional<bool> has_cxx11_abi(const Version& cuda) const;
};

/// One compute capability as `matrix/compat/gpus.yaml` states it.
struct GpuGeneration {
    Arch arch;
    std::string family;
    std::vector<std::string> gpus;
    bool integrated = false;              ///< 8.7 and the like: images of other minors of the major do not count as fit
    bool arm_host = false;                ///< the machines around this GPU are 64-bit Arm
    std::vector<std::string> names = {};  ///< globs over the words of a product name, `rtx 40?0`; see find_gpu
    std::optional<Arch> same_as = {};     ///< the later name of this chip: 11.0 of 10.1
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

/// `newest` and `supported` tags are published; `superseded` ones may be gone; of `unseen` ones no image was found.
enum class ImageStatus { newest, supported, superseded, unseen };

/// The container images of one CUDA release as `matrix/compat/images.yaml` states them.
struct ContainerImage {
    ImageStatus status = ImageStatus::unseen;
    std::vector<std::string> systems;  ///< `ubuntu24.04`: where a `devel` image was seen
    std::vector<std::string> cudnn_systems;
};

/// What the distribution under an image brings.
struct ContainerSystem {
    Version glibc;
    int gcc = 0;
    Version python;
};

struct ContainerImages {
    std::string repository;                      ///< `nvidia/cuda`
    std::string tag;                             ///< `{version}[-cudnn]-devel-{system}`
    std::map<Version, ContainerImage> releases;  ///< by full release, `12.9.1`
    std::map<std::string, ContainerSystem> systems;
};

/// A driver version per operating system; empty: not known, or none was bundled.
struct DriverFloor {
    std::optional<DriverVersion> on_linux;
    std::optional<DriverVersion> on_windows;
};

/// Which driver runs what, as `matrix/compat/drivers.yaml` states it.
struct Drivers {
    std::map<int, DriverFloor> minimum;      ///< by CUDA major: any program of it runs from here on, if it has machine code for the GPU
    std::map<Version, DriverFloor> shipped;  ///< by full release: what its PTX and its new features need
};

/// The compatibility facts. New releases are edits under `matrix/compat/`.
struct Compat {
    std::map<Version, CudaToolkit> cuda;
    std::map<Version, TorchRelease> torch;
    std::string torch_index;  ///< package index of one CUDA variant of torch, with `{cuda}` for `129`; empty: not known
    std::map<Arch, GpuGeneration> gpus;
    ContainerImages images;
    BaseImages base_images;
    Drivers drivers;
    Naming naming;
    std::map<Version, Toolchain> cuda_toolchains;  ///< by full release, `12.9.1`
    Toolchain host_toolchain;

    /// The toolkit that serves a full release such as `12.9.1`, by its minor.
    const CudaToolkit* find_cuda(const Version& release) const;
    const TorchRelease* find_torch(const Version& release) const;
};

}  // namespace sagebuild
