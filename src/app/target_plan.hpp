#pragma once

#include <string>
#include <vector>

#include "app/build_places.hpp"
#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/plan.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The sources of the packages that `targets` belong to. Compiled Python files are none.
Result<SourceTree> load_sources(const Edges& edges, const LoadedMatrix& loaded, const std::vector<Target>& targets);

/// The plan for some targets of a matrix, with the sources as they are now.
Result<Plan> plan_targets(const Edges& edges, const LoadedMatrix& loaded, const std::vector<Target>& targets, const BuildPlaces& places,
                          const std::string& version);

}  // namespace sagebuild
