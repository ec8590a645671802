#pragma once

#include <string>
#include <string_view>

namespace sagebuild {

/// An HTML page that needs no other file.
struct SinglePage {
    std::string title;
    std::string_view style, script;
    std::string data;  ///< JSON that the script finds in the element `data`
    std::string body;  ///< HTML
};

/// Its Content-Security-Policy allows its own style and script (by hash) and nothing else.
std::string render_single_page(const SinglePage& page);

}  // namespace sagebuild
