#pragma once

#include <string>
#include <vector>

#include "core/requirements_check.hpp"
#include "core/text_edit.hpp"

namespace sagebuild {

/// One wheel that is replaced.
struct WheelChange {
    SourceSpan at;     ///< of the URL
    std::string from;  ///< file names
    std::string to;
};

/// What becomes of one file.
struct PlannedUpdate {
    std::vector<TextEdit> edits;
    std::vector<WheelChange> changes;
    Diagnostics problems;  ///< with an error among them the file is left as it is
};

/// Sets the URL of each wheel to the one that `select` picks of the candidates, and with it its digest, the version of a lock file, other
/// places that name the file, and what the comments beside it say. `url_prefix` is where candidates without a URL lie. Codes SB0451 to
/// SB0455.
PlannedUpdate plan_update(const RequirementFile& file, ScopedEnvironments& environments, const RequirementJudge& judge,
                          const std::string& url_prefix);

}  // namespace sagebuild
