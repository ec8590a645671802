#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/suggest.hpp"

namespace sagebuild {

/// The wishes of a demand file (docs/coverage.md), all faults at once. `path` is what errors call it. Codes SB0243, SB0244.
Result<std::vector<Wish>> parse_demand(std::string_view text, const std::string& path);

/// What `matrix suggest` prints: the totals, the lines by demand, and why the rest cannot be served.
std::string render_suggestions(const Suggestions& suggestions);

}  // namespace sagebuild
