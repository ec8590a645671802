#pragma once

#include <string>
#include <string_view>

#include "core/requirement_file.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Bounds within which every file is answered in well under a second.
struct RequirementLimits {
    static constexpr std::size_t file_bytes = std::size_t{4} << 20;
    static constexpr std::size_t lock_bytes = std::size_t{16} << 20;
    static constexpr std::size_t requirements = 20000;
};

/// A requirements or constraints file of pip («Requirements File Format»): requirements, options, `-r`, `-c`, `--hash`. All problems of
/// the file at once; code SB0440.
Result<RequirementFile> parse_requirements(std::string_view bytes, const std::string& file);

/// The comments that speak of the requirements of a file whose comments begin with `#`: on the same line, or in the lines right above.
/// @param trailing whether a comment may stand behind something
void attach_comments(RequirementFile& file, bool trailing);

/// Other places that name the same wheel file as a requirement's URL.
void attach_mentions(RequirementFile& file);

}  // namespace sagebuild
