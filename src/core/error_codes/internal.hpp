#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 09: faults of sagebuild itself, and of its command line.
inline constexpr std::array internal = {
    ErrorCode{"SB0901", "internal error",
              "sagebuild met a state that its authors thought impossible. Please report the command line and the text of the message."},
    ErrorCode{"SB0902", "unknown error code", "`sagebuild explain` was given a word that is not an error code. Codes look like `SB0204`."},
};

}  // namespace sagebuild::error_codes
