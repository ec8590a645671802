#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 04: wheels.
inline constexpr std::array wheel = {
    ErrorCode{
        "SB0401", "not a wheel file name",
        "A wheel file name has five or six parts joined by `-`: distribution, version, an optional build tag that starts with a digit,\n"
        "Python tags, ABI tags, platform tags; and ends in `.whl` (binary distribution format, PyPA)."},
};

}  // namespace sagebuild::error_codes
