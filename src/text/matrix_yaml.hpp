#pragma once

#include <string>
#include <string_view>

#include "core/matrix.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// What could be read of a package file, and all that is wrong with it. A value with a problem is left at its default, a version
/// without parts for example, so that the rest may still be checked.
struct PackageReading {
    PackageMatrix package;
    Diagnostics problems;
};

/// Reads `matrix/<package>.yaml`. All problems of the file come back at once; what several files or the compatibility data mean
/// together is not checked here.
/// @param file the name shown in diagnostics
PackageReading read_package_matrix(std::string_view bytes, const std::string& file);

/// The same, or the problems.
Result<PackageMatrix> parse_package_matrix(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
