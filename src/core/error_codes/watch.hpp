#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0330 to 0339: news of torch and CUDA.
inline constexpr std::array watch = {
    ErrorCode{
        "SB0330", "torch's own package index is not known",
        "`matrix watch` asks torch's own index of each CUDA release, whose address stands as `index:` in `matrix/compat/torch.yaml`,\n"
        "with `{cuda}` for the digits: `https://download.pytorch.org/whl/cu{cuda}`."},
    ErrorCode{"SB0331", "a file of the matrix has no place for a new line",
              "`matrix watch --write` adds whole lines and leaves every other byte alone. It needs the block style of the project's own\n"
              "files: `rows:` with one `- {torch: ...}` a line, and in `compat/torch.yaml` a block per torch release with a block\n"
              "`variants:`. Without a directory `compat/` beside the matrix there is nothing to write to. Add the lines by hand."},
    ErrorCode{"SB0332", "the matrix with the new lines is refused",
              "The lines that follow from the package indexes make a matrix that has a problem, so nothing was written. Such as a torch\n"
              "release that ships for a Python or CUDA that the package's `requires:` excludes only in part."},
};

}  // namespace sagebuild::error_codes
