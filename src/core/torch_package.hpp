#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/version.hpp"

namespace sagebuild {

/// What `torch/version.py` of an installed torch states. It is read, not run: importing torch takes seconds and may fail for other reasons.
struct TorchPackage {
    std::string full_version;         ///< `2.7.1+cu128`
    std::optional<Version> version;   ///< `2.7.1`
    bool is_prerelease = false;       ///< `2.9.0.dev20250801`, `2.9.0a0`
    std::optional<Version> cuda;      ///< empty for CPU and ROCm
    std::optional<std::string> rocm;  ///< `6.2` of `hip`

    bool operator==(const TorchPackage&) const = default;
};

/// From untrusted text; nothing if it states no version.
std::optional<TorchPackage> parse_torch_version_file(std::string_view text);

/// Which std::string the library `torch/lib/libc10.so` is compiled with, by the mangled name of the constructor of `c10::Error`, which
/// every release has (Itanium C++ ABI; `-D_GLIBCXX_USE_CXX11_ABI`). Nothing if neither name is in the bytes.
std::optional<bool> find_cxx11_abi(std::string_view libc10);

}  // namespace sagebuild
