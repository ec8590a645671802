#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/compat.hpp"
#include "core/result.hpp"
#include "core/target.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

struct CoverageSources {
    std::vector<std::string> from;         ///< as `select --from` takes them
    std::vector<std::string> names_files;  ///< as `select --names` takes them
    std::string package;                   ///< wheels of other projects are not counted
};

/// Wheels of one package that the sources offer: targets of the matrix, known by their names, and all others.
struct CoverageWheels {
    std::vector<Target> targets;
    std::vector<WheelCandidate> others;
    std::vector<std::string> notes;  ///< what was not counted or not read, and why
};

/// Codes SB0245 and those of `load_candidates` and of names files.
Result<CoverageWheels> find_coverage_wheels(const CoverageSources& sources, const std::vector<Target>& targets, const Compat& compat,
                                            const Edges& edges);

}  // namespace sagebuild
