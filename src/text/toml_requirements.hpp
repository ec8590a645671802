#pragma once

#include <string>
#include <string_view>

#include "core/requirement_file.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// What a pyproject.toml requires (PyPA specifications «Declaring project metadata», «Dependency Groups»), with the sources, indexes and
/// constraints of uv and the URLs of Poetry; code SB0440.
Result<RequirementFile> parse_pyproject(std::string_view bytes, const std::string& file);

/// The packages of a uv.lock that come from a URL, and torch; code SB0440.
Result<RequirementFile> parse_uv_lock(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
