#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/matrix.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Wheels that were withdrawn (PEP 592).
struct Yank {
    Located<std::string> pattern;  ///< a file name, or a glob over file names
    std::string reason;
};

/// A YAML or JSON mapping from patterns to reasons. Refused with the codes of YAML, all problems at once.
Result<std::vector<Yank>> parse_yanks(std::string_view text, const std::string& file);

}  // namespace sagebuild
