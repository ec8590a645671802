#pragma once

#include "core/requirements_check.hpp"

namespace sagebuild {

/// Requirements that cannot stand beside each other in one scope of files that are installed together: one distribution from two files
/// (SB0446), one import package from two distributions (SB0446), torch pinned twice differently (SB0447).
void check_clashes(const RequirementGroup& group, ScopedEnvironments& environments, const Compat& compat, Diagnostics& problems);

}  // namespace sagebuild
