#pragma once

#include <string>
#include <vector>

#include "core/target.hpp"

namespace sagebuild {

/// The table of `matrix list`. @param width columns of the terminal, 0: none
std::string render_target_table(const std::vector<Target>& targets, std::size_t width);

/// What the listed targets cost and leave out: `15 targets, 3 toolkits: 62 device images`, then a line per toolkit and reason.
std::string render_target_summary(const std::vector<Target>& targets);

/// Why archs of the listed targets are covered or left out: `CUDA 12.6.1: 10.0 left out: ...`, toolkits ascending.
std::vector<std::string> explain_archs(const std::vector<Target>& targets);

/// The table of `matrix groups`.
std::string render_group_table(const std::vector<Group>& groups, std::size_t width);

/// All about one target, for `matrix show`.
std::string render_target(const Target& target);

}  // namespace sagebuild
