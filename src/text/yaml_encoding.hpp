#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

/// Why a file is not the plain UTF-8 text that YAML 1.2 asks for (section 5.1, «Character Set»).
struct EncodingFault {
    std::string what;
    std::string hint;
    int line = 1;    ///< from 1
    int column = 1;  ///< from 1, in bytes
    int width = 1;
};

/// The first fault: a byte order mark, invalid UTF-8, or a character that a reader of the file cannot see (controls but tab and line
/// ends, and the marks that reverse the direction of text).
std::optional<EncodingFault> find_encoding_fault(std::string_view bytes);

/// Whether a value that came out of escapes or several lines holds control characters, line ends included.
bool has_control_characters(std::string_view text);

}  // namespace sagebuild
