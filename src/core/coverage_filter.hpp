#pragma once

#include <string>
#include <vector>

#include "core/coverage.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// One combination axis as filters and demand files write it: `torch=2.9`.
struct CoverageTerm {
    std::string key;  ///< `torch`, `cuda`, `python`, `arch`, `os`, `cpu` or `kind`
    std::string value;
};

/// Splits `key=value` and checks both. Versions may be longer than the axis (`torch=2.9.1`). Code SB0240.
Result<CoverageTerm> parse_coverage_term(std::string_view word);

/// The part of a coverage that the words leave: every key must match, one of several values of a key is enough. `kind=row` and
/// `kind=universal` count only such wheels. Codes SB0240, SB0241.
Result<Coverage> narrow_coverage(const Coverage& coverage, const std::vector<std::string>& words);

}  // namespace sagebuild
