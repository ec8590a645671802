#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0550 to 0599: toolchains and the host library.
inline constexpr std::array toolchain = {
    ErrorCode{"SB0550", "nothing here fetches Python wheels",
              "Toolchains (NVRTC, headers, nvfatbin, zig) come as pinned wheels of the Python package index. They are fetched with\n"
              "`python3 -m pip`, or with `uv` where there is no pip, so that your index, proxy and certificate settings count.\n"
              "Neither works on this machine. Install one: `apt-get install python3-pip`, or uv."},
    ErrorCode{
        "SB0551", "a toolchain cannot be fetched",
        "pip or uv ended with an error; the message quotes its last lines. Common causes: no network, a proxy or certificate that pip\n"
        "does not know (`pip config`), or an index without these wheels. Nothing was kept; the next build tries again."},
    ErrorCode{
        "SB0552", "a toolchain's wheel has another sha256 than the pinned one",
        "The index delivered other bytes than `matrix/compat/toolchains.yaml` pins: a damaged download, a proxy that changes files, or\n"
        "a replaced wheel. Nothing of it was used or kept. The quoted lines name the wheel and both digests."},
    ErrorCode{
        "SB0553", "a toolchain cannot be unpacked",
        "The wheels were fetched and their digests are right, but pip could not unpack them: often a full disk. The cache directory is\n"
        "`$XDG_CACHE_HOME/sagebuild` (else `~/.cache/sagebuild`); a CUDA toolchain takes about 150 MB there, zig 400 MB."},
    ErrorCode{
        "SB0554", "a toolchain lacks a file",
        "The wheels that `matrix/compat/toolchains.yaml` pins do not hold a file that a build needs. An entry is incomplete: compare it\n"
        "with what `matrix/compat/pin-toolchain` prints for that release."},
    ErrorCode{
        "SB0555", "the host library does not compile",
        "`zig cc` ended with an error on the C sources of a package or on the generated table of device images. The message quotes its\n"
        "first error; paths are relative to the project root."},
};

}  // namespace sagebuild::error_codes
