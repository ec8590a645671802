#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// Where a file of an unpacked wheel goes in a toolchain directory, none if builds do not need it. NVIDIA's wheels up to CUDA 12 have a
/// folder per component and those of CUDA 13 a common one; both become the shape of an installed CUDA: `lib/`, `include/`. zig is `zig/`.
std::optional<std::string> toolchain_path(std::string_view wheel_path);

/// The files without which a toolchain of that name (`cuda-12.9.1`, `zig-0.15.2`) is useless.
std::vector<std::string> required_toolchain_files(std::string_view name);

/// The zig binary below its toolchain directory.
inline constexpr std::string_view zig_path = "zig/zig";

}  // namespace sagebuild
