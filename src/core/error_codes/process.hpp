#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 05: processes, files, toolchains.
inline constexpr std::array process = {
    ErrorCode{"SB0501", "a file cannot be read",
              "The operating system refused to open or read the file; the cause line quotes its reason."},
    ErrorCode{"SB0502", "a file cannot be written",
              "The operating system refused to create, write or rename the file; the cause line quotes its reason.\n"
              "Files are written under a temporary name and renamed, so an older version of the file is still whole."},
    ErrorCode{"SB0503", "a program cannot be started", "The program was not found on PATH or is not executable."},
    ErrorCode{"SB0504", "a program failed",
              "A program that sagebuild ran ended with an error. The message quotes the command, its exit code and its last lines."},
};

}  // namespace sagebuild::error_codes
