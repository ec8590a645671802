#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arch.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// `sagebuild.json` in the `.dist-info` directory: what a wheel was made from, for tools (docs/wheel-manifest.md). Schema 1.
struct WheelManifest {
    struct Component {
        std::string distribution;  ///< `nvidia-cuda-nvrtc-cu12`
        std::string version;

        bool operator==(const Component&) const = default;
    };
    struct Unit {
        std::string name;
        std::vector<Arch> archs;  ///< cubins
        std::vector<Arch> ptx;

        bool operator==(const Unit&) const = default;
    };
    struct Left {
        Arch arch;
        std::optional<Arch> by;  ///< runs on the image of this one; none: the wheel does not serve it
        std::string reason;

        bool operator==(const Left&) const = default;
    };

    std::string package;
    std::string version;
    std::string module;
    std::string target;
    TargetKind kind = TargetKind::row;
    std::string cuda;                   ///< the row's, `12.9.1`
    std::optional<std::string> torch;   ///< a row's
    std::optional<std::string> python;  ///< a row's
    std::string toolkit;                ///< whose compiler made the images, `12.9.1`
    std::vector<Component> components;  ///< of the toolkit
    std::string compiler = "nvrtc";
    std::string compiler_version;
    std::vector<std::string> compiler_flags;
    std::string host_compiler;  ///< `zig-0.15.2`
    std::string library;        ///< path in the wheel
    std::vector<Unit> units;    ///< in the order of the fatbins in the library
    std::vector<Left> covered;
    std::vector<Left> dropped;
    std::string source_digest;  ///< `sha256:...`
    std::string generator;

    bool operator==(const WheelManifest&) const = default;
};

std::string render_wheel_manifest(const WheelManifest& manifest);

/// From untrusted text. Refused with SB0407.
Result<WheelManifest> parse_wheel_manifest(std::string_view text);

}  // namespace sagebuild
