#pragma once

#include <string>
#include <string_view>

#include "core/plan_explain.hpp"

namespace sagebuild {

std::string render_plan_record(const PlanRecord& record);

/// Empty for a text of another form: the record only serves explanations.
PlanRecord parse_plan_record(std::string_view json);

}  // namespace sagebuild
