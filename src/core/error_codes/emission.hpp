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
    ErrorCode{
        "SB0305", "two arch lists share one variable of docker-bake.hcl",
        "Each arch list of the matrix is a variable of docker-bake.hcl: `extended` is TORCH_CUDA_ARCH_LIST_EXTENDED. Two packages have\n"
        "lists of one name with different archs, so one variable cannot stand for both."},
    ErrorCode{
        "SB0306", "the record of a container's device stage cannot be read",
        "dockerfiles/compile-device writes what it compiled into a file named `record`, which the later stages compare with the target."},
    ErrorCode{"SB0307", "a Dockerfile template cannot be rendered",
              "`@NAME@` in dockerfiles/*.in stands for a value that follows from the matrix; docs/docker.md lists the names."},
    ErrorCode{"SB0308", "files of `docker buildx bake` are out of date",
              "docker-bake.hcl, dockerfiles/dockerfile.* and dockerfiles/device/ follow from matrix/ and dockerfiles/*.in. A committed "
              "file is not\n"
              "what they give: the matrix was changed, or the file edited by hand. `sagebuild bake --emit` writes them; edit the templates "
              "instead."},
    ErrorCode{
        "SB0309", "a build argument of a container build cannot be used",
        "The arguments of a bake target belong together: TARGET names a target of the matrix, CUDA_VERSION, PYTHON_VERSION and "
        "TORCH_VERSION\n"
        "are those of its row, TORCH_CUDA_ARCH_LIST holds archs such as 8.9. Only the arch list, base images and compiler may be changed;\n"
        "another combination is another row of the matrix."},
    ErrorCode{"SB0310", "nothing of the selection can be built in containers",
              "docker-bake.hcl holds the targets of packages that have kernel units, and for each of them `test-TARGET`."},
};

}  // namespace sagebuild::error_codes
