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
    ErrorCode{"SB0505", "the recipe of a build step cannot be read",
              "`sagebuild step` is started by ninja with a file that `sagebuild build` wrote. The file is damaged or of another version:\n"
              "delete the build directory (`.sagebuild/`) and build again."},
    ErrorCode{"SB0506", "ninja is missing",
              "`sagebuild build` has ninja run the steps of the build. It was not found on PATH.\n"
              "Install it with `apt-get install ninja-build`, or with `pip install ninja`."},
    ErrorCode{"SB0507", "a build step failed",
              "A step of the build ended with an error. The message names the step, quotes what it said\n"
              "and the command to repeat it by hand. Finished steps are kept; the next build continues after them."},
    ErrorCode{"SB0508", "engine not available",
              "The engine named by `--engine` cannot build here. `local` runs ninja on this machine and needs neither Docker nor CUDA."},
    ErrorCode{"SB0509", "an environment variable is not valid",
              "The value of the named environment variable cannot be used. SOURCE_DATE_EPOCH is a number of seconds since 1970 "
              "(reproducible-builds.org)."},
};

}  // namespace sagebuild::error_codes
