#pragma once

#include <string_view>

namespace sagebuild {

/// `coverage_page/page.css` and `coverage_page/page.js`, compiled in.
std::string_view coverage_page_style();
std::string_view coverage_page_script();

}  // namespace sagebuild
