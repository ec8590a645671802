#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace sagebuild::device {

/// What an image is for: `sm_90a` (machine code, a cubin) or `compute_90` (PTX).
struct DeviceArch {
    bool is_virtual = false;  ///< `compute_`: cubins sort before PTX
    int number = 0;           ///< 90, 120
    std::string suffix;       ///< `a` features of that arch alone, `f` of its family

    auto operator<=>(const DeviceArch&) const = default;

    /// `90a`
    std::string digits() const { return std::to_string(number) + suffix; }
    /// `sm_90a`
    std::string name() const { return (is_virtual ? "compute_" : "sm_") + digits(); }
};

/// Failure (usage) unless the text is `sm_` or `compute_` with two or three digits and at most one of `a` and `f`.
DeviceArch parse_device_arch(std::string_view text);

}  // namespace sagebuild::device
