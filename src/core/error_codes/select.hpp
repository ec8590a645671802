#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 042 and 043: which wheel fits.
inline constexpr std::array select = {
    ErrorCode{"SB0420", "no wheel fits",
              "Every wheel is refused for at least one reason; the nearest one has the fewest, and of those the one that is changed with\n"
              "least effort: another torch, CUDA or driver, C++ or Python ABI, Python, GPU, system or CPU, in this order.\n"
              "`--all` lists every wheel with all its reasons; docs/select.md has the rules with their sources."},
    ErrorCode{"SB0421", "an environment that cannot be read",
              "`--environment` names a JSON object with the keys `python`, `free_threaded`, `torch`, `torch_cuda`, `torch_cxx11_abi`,\n"
              "`driver`, `toolkit`, `os`, `arch`, `glibc` and `sm`; what is not known is null or left out. Versions are texts, so that\n"
              "`3.10` stays `3.10`."},
    ErrorCode{"SB0422", "a names file that cannot be read",
              "A names file holds one wheel a line: its file name, or a JSON object with `name` and what is known of the content. Empty\n"
              "lines and lines that begin with `#` mean nothing. A line that is no wheel name is no error here: it is refused as\n"
              "`unparseable`."},
    ErrorCode{"SB0423", "an option of the environment that is not understood",
              "Versions are numbers joined by dots. A GPU is named by its compute capability, or by a product name that\n"
              "`matrix/compat/gpus.yaml` knows."},
    ErrorCode{
        "SB0424", "wheels of several projects fit",
        "A directory, index or names file may hold wheels of many projects. Which one is wanted is for you to say, with `--project`."},
    ErrorCode{"SB0430", "not a naming scheme",
              "`matrix/compat/naming.yaml` declares how publishers write torch, CUDA and the like into file names. A pattern is made of\n"
              "small letters, digits and dots, which stand for themselves, of `{field}` and of `[...]` around what may be absent; `[...]`\n"
              "cannot hold another. The head of the file lists the fields. A scheme for build tags names the projects that use it."},
};

}  // namespace sagebuild::error_codes
