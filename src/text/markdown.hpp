#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sagebuild {

/// Untrusted text as a code span (CommonMark, section 6.1), in which neither markup nor a mention works; one line. Also legal in a table of
/// GitHub's Markdown, where `|` ends a cell even in a code span.
std::string markdown_code(std::string_view text);

/// `0.9 MB`, `6 kB`.
std::string size_text(std::uint64_t bytes);

}  // namespace sagebuild
