#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// A wheel on this machine: digest, size, `Requires-Python`, the device images really inside, and whether our manifest is. A file that
/// cannot be read as a wheel is known by its name only, and a note says why.
WheelCandidate load_candidate_file(const std::string& path, const Edges& edges, std::vector<std::string>& notes);

}  // namespace sagebuild
