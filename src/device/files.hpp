#pragma once

#include <string>
#include <string_view>

namespace sagebuild::device {

/// The whole file; Failure (input) if it cannot be read.
std::string read_file(const std::string& path);

/// Written under a temporary name beside it, then renamed, so that a kill leaves the old file or the new one. Directories are made.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace sagebuild::device
