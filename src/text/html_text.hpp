#pragma once

#include <string>
#include <string_view>

namespace sagebuild {

/// Text for an element, or for an attribute in double quotes.
std::string escape_html(std::string_view text);

}  // namespace sagebuild
