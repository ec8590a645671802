#pragma once

#include <string>

#include "core/coverage.hpp"

namespace sagebuild {

/// How many combinations of a coverage are in each state.
struct CoverageCount {
    std::size_t covered = 0;
    std::size_t missing = 0;
    std::size_t unsupported = 0;
    std::size_t impossible = 0;

    void add(const CoverageCell& cell);
};

/// One table per platform: torch down, CUDA across, `covered/possible` combinations of Python and GPU, `-` where none is possible. Below it
/// the totals, the lines that would serve most, and the reasons of all else if they are few.
std::string render_coverage_table(const Coverage& coverage, std::size_t width);

}  // namespace sagebuild
