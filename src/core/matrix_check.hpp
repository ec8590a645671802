#pragma once

#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// Rows that no torch, CUDA, Python or `requires` allows. Codes SB0228 to SB0232. Values that the reader could not read (versions without
/// parts) are passed over, so the rows of a file with faults may be checked.
void check_rows(const PackageMatrix& package, const Compat& compat, Diagnostics& errors);

/// Units and arch lists that do not fit together. Codes SB0233, SB0236, SB0237.
void check_archs(const PackageMatrix& package, const Compat& compat, Diagnostics& errors);

/// Two packages that would remove each other on installation. Code SB0222.
void check_packages(const Matrix& matrix, Diagnostics& errors);

/// A target as it is made, with the value of the YAML that stands for it in errors.
struct DraftTarget {
    Target target;
    Located<std::string> anchor;
};

/// Targets or wheels of one name. Codes SB0220, SB0221.
void check_collisions(const std::vector<DraftTarget>& drafts, Diagnostics& errors);

}  // namespace sagebuild
