#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0240 to 0259: what the matrix covers, and what is wanted of it.
inline constexpr std::array coverage = {
    ErrorCode{
        "SB0240", "a word is no combination axis",
        "`matrix coverage` and `matrix suggest` take `key=value` words with the keys torch, cuda, python, arch, os, cpu and kind, such as\n"
        "`torch=2.9 cuda=13.0 python=3.13t arch=8.9 os=linux cpu=x86_64`."},
    ErrorCode{"SB0241", "the compatibility data knows no such value",
              "Axes of the coverage are what `matrix/compat/` knows: releases of torch, their CUDA variants and Pythons, GPUs. A new "
              "release is an\n"
              "entry there."},
    ErrorCode{
        "SB0242", "the matrix has no such package",
        "`--package` names the distribution whose coverage is asked for, as `package.name` states it in one of the files of the matrix."},
    ErrorCode{"SB0243", "a line of the demand file cannot be read",
              "A demand file has one wanted combination a line: an optional count, then `torch=`, `cuda=` and `python=`, and optionally "
              "`arch=`,\n"
              "`os=` and `cpu=` (default: linux and x86_64). Empty lines and what follows `#` are left out."},
    ErrorCode{"SB0244", "a demand file wants nothing", "The file holds no combination, only empty lines and comments."},
    ErrorCode{"SB0245", "no wheel of the package is there",
              "`matrix coverage --from` and `--names` count the wheels of one distribution: those of the matrix by their file names, all\n"
              "others as `select` judges them. None of the names found is a wheel of it."},
};

}  // namespace sagebuild::error_codes
