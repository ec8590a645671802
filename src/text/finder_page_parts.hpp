#pragma once

#include <string_view>

namespace sagebuild {

/// `finder_page/page.css` and the scripts of `finder_page/`, compiled in.
std::string_view finder_page_style();
std::string_view finder_page_script();

}  // namespace sagebuild
