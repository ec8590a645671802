#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 03: from targets to a plan, and what is rendered from it.
inline constexpr std::array emission = {
    ErrorCode{"SB0301", "the package has no kernel units",
              "The package lists rows but no kernels (`units: []`): its targets can be listed and shown, not built."},
    ErrorCode{
        "SB0302", "no toolchain is pinned for a CUDA release",
        "Device code is compiled by exactly the CUDA release that the row names. The wheels of each known release are pinned with their\n"
        "sha256 in `matrix/compat/toolchains.yaml`; this release is not among them, or not for this host platform."},
    ErrorCode{"SB0303", "a source file of the package is missing",
              "The matrix names a file or a directory of sources that does not exist below the project root."},
    ErrorCode{
        "SB0304", "a kernel unit does not compile",
        "The compiler refused the source of a unit. The message names unit, arch and toolkit, quotes the compiler's first error with its\n"
        "place, and the command to repeat it by hand. Finished steps are kept; the next build continues after them."},
};

}  // namespace sagebuild::error_codes
