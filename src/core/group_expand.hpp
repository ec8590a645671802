#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// The groups of one package over its own targets.
///
/// A rule means: the targets that `select` chooses (with neither `select` nor `include`: all rows; with `include` alone: none), joined
/// with those of the included groups, then cut to the newest of a dimension per value of another. A template makes one group per value.
/// Problems go to `errors`: SB0223 to SB0227. `taken` holds the names of targets and of other packages' groups, with what has them.
std::vector<Group> expand_groups(const PackageMatrix& package, const std::vector<const Target*>& targets,
                                 std::map<std::string, std::string>& taken, Diagnostics& errors);

}  // namespace sagebuild
