#pragma once

#include <string>
#include <vector>

#include "core/wheel_candidate.hpp"
#include "core/wheel_environment.hpp"
#include "core/wheel_selection.hpp"

namespace sagebuild {

/// `Python 3.12, torch 2.11.0 with CUDA 13.0, driver 580.159.04, GPU 9.0, Linux x86_64, glibc 2.39`: what is known.
std::string describe_environment(const WheelEnvironment& environment);

/// What `select` prints: the pick with the lines that install it, the others that fit, those that do not.
/// @param all every one instead of the first few
std::string render_selection(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates,
                             const WheelEnvironment& environment, bool all);

/// The line of a requirements file for one wheel, with its hash if that is known.
std::string render_requirement(const WheelCandidate& candidate);

/// What `wheel name --parse` prints of one name.
std::string render_wheel_facts(const std::string& file, const Compat& compat);

}  // namespace sagebuild
