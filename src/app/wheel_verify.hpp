#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/byte_source.hpp"
#include "core/diagnostic.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// What was looked at in one wheel, and what is wrong with it.
struct WheelReport {
    std::vector<std::pair<std::string, std::string>> facts;  ///< subject and what was found, in the order of the checks
    Diagnostics problems;                                    ///< all of them; empty: the wheel is as it should be
};

/// Checks a finished wheel, an untrusted file: its name, archive, .dist-info, METADATA, WHEEL, RECORD, manifest, files, the ELF libraries
/// and the device images in them, each against the others and against `target` if there is one. `path` is shown in problems; its last part
/// is the wheel's name. Memory grows with the largest library and the metadata, not with the rest.
WheelReport verify_wheel(const ByteFile& file, const std::string& path, const Target* target);
WheelReport verify_wheel(std::string_view bytes, const std::string& path, const Target* target);

}  // namespace sagebuild
