#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/arch.hpp"
#include "core/compat.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// What one step has to do, in full: a step reads its recipe and the files that the recipe names, nothing else.
/// Paths of sources are relative to the project root (where steps run), all others are as the plan's layout gives them.

/// Fetches pinned wheels and unpacks them into `directory`, which appears by one rename; `toolchain.json` in it marks it as complete.
struct ToolchainRecipe {
    struct Wheel {
        std::string distribution = {};
        std::string version = {};
        std::string sha256 = {};

        bool operator==(const Wheel&) const = default;
    };
    std::string name = {};           ///< `cuda-12.9.1`, `zig-0.15.2`
    std::string host_platform = {};  ///< `linux-x86_64`
    std::vector<Wheel> wheels = {};
    std::string directory = {};

    bool operator==(const ToolchainRecipe&) const = default;
};

/// Compiles one device translation unit for one arch.
struct DeviceImageRecipe {
    std::string toolchain = {};  ///< directory
    std::string unit = {};
    std::string source = {};
    std::vector<std::string> include = {};
    Arch arch = {};
    bool ptx = false;  ///< PTX for the arch instead of a cubin
    std::vector<std::string> flags = {};
    std::string output = {};

    bool operator==(const DeviceImageRecipe&) const = default;
};

/// Packs the images of one unit.
struct FatbinRecipe {
    struct Image {
        Arch arch = {};
        bool ptx = false;
        std::string path = {};

        bool operator==(const Image&) const = default;
    };
    std::string toolchain = {};
    std::string unit = {};
    std::vector<Image> images = {};
    std::string output = {};

    bool operator==(const FatbinRecipe&) const = default;
};

/// Links the C sources and the fatbins of all units into one shared library.
struct HostLibraryRecipe {
    struct Images {
        std::string unit = {};
        std::vector<Arch> archs = {};  ///< compute capabilities inside, ascending
        std::string fatbin = {};

        bool operator==(const Images&) const = default;
    };
    std::string package = {};
    std::string toolchain = {};  ///< directory of zig
    std::string cache = {};      ///< directory for zig's caches
    std::string cpu = {};        ///< `x86_64`
    std::vector<std::string> sources = {};
    std::vector<std::string> include = {};
    std::vector<std::string> flags = {};
    std::vector<Images> images = {};  ///< in the order of the matrix
    std::string file_name = {};       ///< soname, `_native.so`
    std::string output = {};

    bool operator==(const HostLibraryRecipe&) const = default;
};

/// Packs one wheel.
struct WheelRecipe {
    struct File {
        std::string source = {};  ///< relative to the project root
        std::string path = {};    ///< in the wheel

        bool operator==(const File&) const = default;
    };
    Target target = {};  ///< without groups and place
    std::string module = {};
    std::string summary = {};
    std::string license = {};
    std::vector<File> files = {};                             ///< the Python package, by path in the wheel
    std::string license_file = {};                            ///< relative to the project root, empty if there is none
    std::string readme = {};                                  ///< likewise; the description of METADATA
    std::string library = {};                                 ///< the built host library
    std::string library_path = {};                            ///< in the wheel, `sageattention/_native.so`
    std::string cuda_toolchain = {};                          ///< `cuda-12.9.1`
    std::vector<ToolchainRecipe::Wheel> toolkit_wheels = {};  ///< the wheels of that toolchain; NVRTC among them
    std::string compiler = "nvrtc";                           ///< `nvcc` in containers, whose toolkit comes from no wheels
    std::string compiler_version = {};                        ///< of nvcc
    std::string host_toolchain = {};                          ///< `zig-0.15.2`
    std::vector<std::string> device_flags = {};
    std::string source_digest = {};           ///< of all sources that the wheel is made from
    std::string generator = {};               ///< `sagebuild 0.1.0`
    long long source_date_epoch = 315532800;  ///< 1980-01-01, the earliest time that zip can store
    std::string output = {};
};

using Recipe = std::variant<ToolchainRecipe, DeviceImageRecipe, FatbinRecipe, HostLibraryRecipe, WheelRecipe>;

}  // namespace sagebuild
