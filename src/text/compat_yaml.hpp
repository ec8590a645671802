#pragma once

#include <map>
#include <string>

#include "core/compat.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Reads the compatibility data, all problems of all files at once.
/// @param files content by path; the file names (`cuda.yaml`, ...) decide what a file is, the paths are shown in diagnostics
Result<Compat> parse_compat(const std::map<std::string, std::string>& files);

/// The copy of `matrix/compat/*.yaml` that was compiled in, for a matrix file without a `compat/` beside it.
std::map<std::string, std::string> embedded_compat_files();

}  // namespace sagebuild
