#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 01: what a YAML file says, before its meaning.
inline constexpr std::array yaml = {
    ErrorCode{"SB0101", "file is not valid YAML",
              "The YAML parser stopped at the marked place. Nothing after it was read.\n"
              "Common causes: a tab used for indentation, a missing space behind a colon, an unclosed quote or bracket."},
};

}  // namespace sagebuild::error_codes
