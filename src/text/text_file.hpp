#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace sagebuild {

/// Some editors put it before UTF-8; it is no part of the text.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct TextFileKind {
    std::string code;   ///< of the diagnostics
    std::string what;   ///< `a Dockerfile`
    std::size_t limit;  ///< bytes
};

/// Whether the bytes are UTF-8 without controls, no longer than the kind's limit; a byte order mark is let pass.
Result<> check_text_file(std::string_view bytes, const std::string& file, const TextFileKind& kind);

}  // namespace sagebuild
