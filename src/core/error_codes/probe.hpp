#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0560 to 0579: what a machine says of itself, and where wheels are found.
inline constexpr std::array probe = {
    ErrorCode{"SB0560", "no Python to ask",
              "`--probe` asks an interpreter for its version, torch and platform: the one that is named (a program or the directory of a\n"
              "virtual environment), else the active virtual environment's, else `python3` or `python` of PATH. None of them is there."},
};

}  // namespace sagebuild::error_codes
