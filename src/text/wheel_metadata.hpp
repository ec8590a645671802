#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace sagebuild {

/// The WHEEL file (binary distribution format, PyPA).
struct WheelMetadata {
    std::string wheel_version = "1.0";
    std::string generator;
    bool root_is_purelib = false;
    std::string build;              ///< build tag, may be empty
    std::vector<std::string> tags;  ///< expanded, `cp312-cp312-linux_x86_64`

    bool operator==(const WheelMetadata&) const = default;
};

std::string render_wheel_metadata(const WheelMetadata& metadata);
/// From untrusted text. Refused with SB0406, all problems at once.
Result<WheelMetadata> parse_wheel_metadata(std::string_view text);

/// One line of RECORD: a file, its hash and its size. RECORD's own line has neither.
struct RecordEntry {
    std::string path;
    std::string hash;  ///< `sha256=...`, URL-safe base64 without padding
    std::optional<std::uint64_t> size;

    bool operator==(const RecordEntry&) const = default;
};

/// The entry of a file with these bytes.
RecordEntry make_record_entry(std::string path, std::string_view bytes);
std::string render_record(const std::vector<RecordEntry>& entries);
/// From untrusted text: CSV as Python's csv module writes it. Refused with SB0404, all problems at once.
Result<std::vector<RecordEntry>> parse_record(std::string_view text);

}  // namespace sagebuild
