#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan.hpp"

namespace sagebuild {

/// One `#include` of a C, C++ or CUDA source. A computed one (`#include NAME`) has no path.
struct IncludeDirective {
    std::string path;
    bool quoted = false;
    bool computed = false;

    bool operator==(const IncludeDirective&) const = default;
};

/// All directives of a source, those in switched-off code too: what a compiler may read, never less.
std::vector<IncludeDirective> scan_includes(std::string_view source);

/// `file` and every file of `sources` that compiling it may read, sorted. An include that names none of `sources` comes from the toolkit,
/// whose content is part of the toolchain's key; a computed include may read any file below the include directories.
std::vector<std::string> find_included_files(const std::string& file, const std::vector<std::string>& include_directories,
                                             const SourceTree& sources);

/// `directory/name` without `.` and `..` parts; either may be empty.
std::string join_source_path(std::string_view directory, std::string_view name);

}  // namespace sagebuild
