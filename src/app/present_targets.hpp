#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/target.hpp"
#include "edge/file_system.hpp"

namespace sagebuild {

/// Targets whose wheels are there, and the other names that were found.
struct PresentTargets {
    std::vector<Target> targets;
    std::vector<std::string> others;
};

/// Looks into a directory of wheels or a file of their names, one a line (`#` begins a comment). Codes SB0501, SB0245.
Result<PresentTargets> find_present_targets(const FileSystem& files, const std::string& path, const std::vector<Target>& targets);

}  // namespace sagebuild
