#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/version.hpp"

namespace sagebuild {

/// The CUDA of a torch build as local versions and indexes spell it: `cu129`, `cpu`.
struct TorchBuild {
    std::optional<Version> cuda;  ///< `12.9`
    bool is_cpu = false;

    bool operator==(const TorchBuild&) const = default;
};

/// `cu129` is 12.9, `cu118` 11.8, `cpu` no CUDA; empty for anything else (`rocm6.3`, `xpu`).
std::optional<TorchBuild> parse_torch_build(std::string_view text);

/// The build that an index is for, by the last part of its path: `https://download.pytorch.org/whl/cu129`.
std::optional<TorchBuild> build_of_index(std::string_view url);

/// What a specifier says about torch's version.
struct TorchPin {
    Version version;  ///< two parts if the patch is open: `==2.9.*`, `~=2.9.0`
    std::optional<TorchBuild> build;
};

/// The one version of `==2.9.1+cu129`, the one minor of `==2.9.*` or `~=2.9.0`; empty if the specifier leaves the minor open.
std::optional<TorchPin> parse_torch_pin(std::string_view specifier);

}  // namespace sagebuild
