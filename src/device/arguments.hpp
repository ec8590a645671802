#pragma once

#include <map>
#include <string>
#include <vector>

#include "device/device_arch.hpp"

namespace sagebuild::device {

/// One unit for one arch.
struct CompileRequest {
    std::string toolchain;
    DeviceArch arch;                    ///< a virtual one asks for PTX
    std::vector<std::string> includes;  ///< searched in order, before the toolchain's own
    std::vector<std::string> options;   ///< handed to NVRTC as they are
    std::string source;
    std::string output;
};

/// The images of one unit, packed.
struct FatbinRequest {
    std::string toolchain;
    std::map<DeviceArch, std::string> images;  ///< files by arch; two of one arch are refused while parsing
    std::string output;
};

extern const char* const usage_text;

/// The arguments behind the command's name. Failure (usage) names the first thing that is wrong.
CompileRequest parse_compile_arguments(const std::vector<std::string>& arguments);
FatbinRequest parse_fatbin_arguments(const std::vector<std::string>& arguments);

}  // namespace sagebuild::device
