#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/target.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// The parts of a wheel file name: `name-version(-build)?-python-abi-platform.whl` (binary distribution format, PyPA).
struct WheelName {
    std::string distribution;  ///< as written, `-` replaced by `_`
    std::string version;
    std::string build;  ///< empty if none; starts with a digit
    std::vector<std::string> pythons;
    std::vector<std::string> abis;
    std::vector<std::string> platforms;

    /// All `python-abi-platform` triples.
    std::vector<std::string> tags() const;
    bool operator==(const WheelName&) const = default;
};

std::string render_wheel_name(const WheelName& name);
Result<WheelName> parse_wheel_name(std::string_view file_name);

/// `280.129` for torch 2.8.0 and CUDA 12.9.1: `major minor patch` joined, a dot, `major minor` joined.
std::string make_build_tag(const Version& torch, const Version& cuda);

/// The only maker of the wheel names that this project ships.
WheelName make_wheel_name(const Target& target);

}  // namespace sagebuild
