#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace sagebuild {

/// What the checks of a wheel need to know of a shared library.
struct ElfLibrary {
    std::string cpu;                           ///< as platform tags spell it: `x86_64`, `aarch64`; else `machine 190`
    std::string soname;                        ///< DT_SONAME, may be empty
    std::vector<std::string> needed;           ///< DT_NEEDED in its order
    std::string run_path;                      ///< DT_RUNPATH or DT_RPATH, may be empty
    bool executable_stack = false;             ///< PT_GNU_STACK asks for one
    std::vector<std::string> symbol_versions;  ///< versions asked of other libraries, `GLIBC_2.17`, sorted, each once
    std::string device_images;                 ///< section `.nv_fatbin`, empty if there is none
};

/// Reads an untrusted 64-bit little-endian ELF shared library by its section headers. Refused with SB0410.
Result<ElfLibrary> parse_elf_library(std::string_view bytes);

}  // namespace sagebuild
