#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// What `dockerfiles/compile-device` reads: every image that a toolkit can make of a package's units, whatever the rows ask for, so that a
/// new row changes nothing. PTX lines are those that the package's targets need (policy `ptx`).
std::string render_device_plan(const PackageMatrix& package, const Version& cuda, const std::vector<Target>& targets, const Compat& compat);

/// What `dockerfiles/fetch-toolchain` reads: the pinned wheels of a toolchain in pip's hash-checking form.
std::string render_toolchain_requirements(const Toolchain& toolchain);

/// What `dockerfiles/compile-device` wrote down: the compiler and the images in the fatbins.
struct DeviceRecord {
    struct Image {
        std::string unit;
        Arch arch;
        bool ptx = false;

        auto operator<=>(const Image&) const = default;
    };
    std::string compiler;          ///< `nvcc` or `nvrtc`
    std::string compiler_version;  ///< of nvcc
    std::vector<Image> images;     ///< sorted
};

/// Error SB0306 names the line that is not one of compile-device's.
Result<DeviceRecord> parse_device_record(std::string_view text, const std::string& path);

/// Options of nvcc that mean the same as device_flags() of NVRTC.
const std::vector<std::string>& nvcc_flags();

}  // namespace sagebuild
