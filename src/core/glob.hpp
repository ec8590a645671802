#pragma once

#include <string_view>

namespace sagebuild {

/// Whether a word holds `*`, `?` or `[`.
bool is_glob(std::string_view word);

/// Matches a whole name against `*`, `?`, `[a-z]` and `[!a-z]`; a `[` without `]` stands for itself (POSIX.1, pattern matching notation).
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace sagebuild
