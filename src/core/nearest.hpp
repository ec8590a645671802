#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// Optimal string alignment distance (insert, delete, replace, swap of neighbours), counted in bytes.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// Up to `limit` candidates that a user may have meant, nearest first, ties in the candidates' order; may be empty.
/// A candidate counts when it contains the word or differs in at most a third of its letters.
std::vector<std::string> find_nearest(std::string_view word, const std::vector<std::string>& candidates, std::size_t limit = 3);

}  // namespace sagebuild
