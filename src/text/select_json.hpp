#pragma once

#include <string>
#include <vector>

#include "core/wheel_candidate.hpp"
#include "core/wheel_selection.hpp"

namespace sagebuild {

/// `select --json` (docs/select.md).
std::string render_selection_json(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates);

/// One line of `wheel name --parse --json`: what a file name says, or why it is none.
std::string render_wheel_name_json(const std::string& file, const Compat& compat);

}  // namespace sagebuild
