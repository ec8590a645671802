#pragma once

#include <map>
#include <string>

#include "core/notes_claims.hpp"
#include "core/result.hpp"
#include "core/source_text.hpp"

namespace sagebuild {

/// Fills the holes `{{name}}` of a template. Refused, all problems at once by place: SB0650 unknown and unclosed holes, SB0651 claims that
/// no wheel backs.
Result<std::string> fill_notes_template(const SourceText& source, const std::map<std::string, std::string>& values,
                                        const NotesFacts& contents);

}  // namespace sagebuild
