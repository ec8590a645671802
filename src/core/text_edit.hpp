#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/source_text.hpp"

namespace sagebuild {

/// One piece of a file that is written anew.
struct TextEdit {
    SourceSpan at;
    std::string text;

    bool operator==(const TextEdit&) const = default;
};

/// The bytes with all edits made; everything else stays byte for byte. Equal edits count once; edits that overlap are a bug of the caller
/// and the later one is dropped.
std::string apply_edits(const SourceText& source, std::vector<TextEdit> edits);

/// What changed, as `diff -u` shows it; empty if nothing did. Both texts have the same number of lines, as edits leave line ends alone.
std::string render_diff(const SourceText& before, std::string_view after);

}  // namespace sagebuild
