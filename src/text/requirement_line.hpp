#pragma once

#include <string>
#include <string_view>

#include "core/requirement_file.hpp"

namespace sagebuild {

/// One requirement that was read, or why it is none.
struct ReadRequirement {
    StatedRequirement stated;
    std::string fault;  ///< empty if it was read
};

/// `name[extra]>=1,<2; marker`, `name @ URL ; marker` (PEP 508), and what pip takes besides: a bare URL or path of a wheel.
/// @param file the bytes that `text` was read from
ReadRequirement parse_requirement(const SplicedText& text, std::string_view file);

/// Sets URL, hashes and, if it has none yet, the distribution from a URL or path.
void state_url(StatedRequirement& requirement, const SplicedText& url, std::string_view file);

}  // namespace sagebuild
