#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 02: what the matrix means.
inline constexpr std::array matrix = {
    ErrorCode{
        "SB0201", "no matrix found",
        "No directory with a matrix was found. It is looked for in `--matrix DIR`, then in the environment variable SAGEBUILD_MATRIX,\n"
        "then as `matrix/` in the working directory and in each directory above it."},
};

}  // namespace sagebuild::error_codes
