#pragma once

#include <string>
#include <string_view>

#include "core/matrix.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Reads `matrix/<package>.yaml`. All problems of the file come back at once; what several files or the compatibility data mean
/// together is not checked here.
/// @param file the name shown in diagnostics
Result<PackageMatrix> parse_package_matrix(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
