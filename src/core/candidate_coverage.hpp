#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/coverage.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// What wheels that are no targets of the matrix serve of one cell.
struct CandidateMark {
    bool by_row = false;        ///< a wheel named for this torch
    bool by_universal = false;  ///< a wheel whose name says no torch
};

/// Whether it is known which torch a wheel is for: its name says it, its content shows that any will do, or it holds no machine code.
bool is_torch_known(const WheelCandidate& candidate, const Compat& compat);

/// Judges wheels as `select` does against each combination of the axes, in the order of `Coverage::cells`. What a combination does not say
/// (driver, glibc) refuses nothing; a wheel that works against its name does not count there. Names that are no
/// wheel's serve nothing, nor wheels of which no torch is known.
std::vector<CandidateMark> mark_candidates(const Coverage& axes, const std::vector<WheelCandidate>& candidates, const Compat& compat);

}  // namespace sagebuild
