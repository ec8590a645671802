#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/plan.hpp"

namespace sagebuild {

/// Key texts of steps by id, as the last build left them.
using PlanRecord = std::map<std::string, std::string>;

/// Why a step has to run, one reason a line: what differs between its key text and the recorded one, or that its output is missing.
std::vector<std::string> explain_step(const Step& step, const PlanRecord& record);

}  // namespace sagebuild
