#pragma once

#include <string>
#include <string_view>

namespace sagebuild {

/// The text of a release while it is a draft: a comment at the end tells that this tool made it, in which run, and that it is not complete.
std::string add_draft_marker(std::string_view body, std::string_view run);
/// Without the comment.
std::string remove_draft_marker(std::string_view body);
bool has_draft_marker(std::string_view body);
/// Whether that run made it.
bool has_draft_marker(std::string_view body, std::string_view run);

/// The text with a line on a file that was replaced, under a heading of its own at the end; the same line is not added again.
std::string add_replacement(std::string_view body, const std::string& name, const std::string& reason, const std::string& sha256);

/// `body` with what `before` says of files that were replaced.
std::string keep_replacements(std::string_view body, std::string_view before);

}  // namespace sagebuild
