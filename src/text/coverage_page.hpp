#pragma once

#include <string>

#include "core/coverage.hpp"

namespace sagebuild {

/// The coverage as one HTML page that needs no other file: a heat map with filters, each empty cell with its reason and the line that adds
/// it. Its Content-Security-Policy allows its own style and script (by hash) and nothing else.
std::string render_coverage_page(const Coverage& coverage);

}  // namespace sagebuild
