#pragma once

#include <string>

#include "core/release_plan.hpp"

namespace sagebuild {

/// The answer of `release plan --json`.
std::string render_release_plan_json(const ReleasePlan& plan, const std::string& tag);

}  // namespace sagebuild
