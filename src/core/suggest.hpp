#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/coverage.hpp"
#include "core/diagnostic.hpp"

namespace sagebuild {

/// One line of a demand file.
struct Wish {
    long long count = 1;
    Version torch;
    Version cuda;
    PythonBuild python;
    std::optional<Arch> gpu;  ///< none: any GPU of the package
    CoveragePlatform platform = {"linux", "x86_64"};
    Place place = {};
};

/// A line to add to the matrix and how many wishes it serves.
struct Suggestion {
    long long wishes = 0;
    CoverageLine line;
};

/// A wish that no line serves.
struct RefusedWish {
    Wish wish;
    std::string reason;
};

struct Suggestions {
    long long wishes = 0;
    long long served = 0;              ///< by the matrix as it is
    std::vector<Suggestion> lines;     ///< most wishes first, then by text
    std::vector<RefusedWish> refused;  ///< in the order of the file
};

/// Rows (and other lines) by demand: the wishes that a coverage does not serve, Pythons of one torch and CUDA joined in one line.
Suggestions suggest_lines(const PackageMatrix& package, const Coverage& coverage, const std::vector<Wish>& wishes, const Compat& compat);

}  // namespace sagebuild
