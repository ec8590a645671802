#include "core/nearest.hpp"

#include <algorithm>

namespace sagebuild {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before_previous(right.size() + 1), previous(right.size() + 1), current(right.size() + 1);
    for (std::size_t column = 0; column <= right.size(); ++column) previous[column] = column;
    for (std::size_t row = 1; row <= left.size(); ++row) {
        current[0] = row;
        for (std::size_t column = 1; column <= right.size(); ++column) {
            const std::size_t replace = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
            current[column] = std::min({previous[column] + 1, current[column - 1] + 1, replace});
            const bool swapped = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if (swapped) current[column] = std::min(current[column], before_previous[column - 2] + 1);
        }
        std::swap(before_previous, previous);
        std::swap(previous, current);
    }
    return previous[right.size()];
}

std::vector<std::string> find_nearest(std::string_view word, const std::vector<std::string>& candidates, std::size_t limit) {
    constexpr std::size_t longest_word = 200;  // a longer one is no typo, and the distance is quadratic
    if (word.empty() || word.size() > longest_word) return {};
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > longest_word) continue;
        const std::size_t distance = edit_distance(word, candidate);
        const bool contains = word.size() >= 3 && candidate.find(word) != std::string::npos;
        if (contains || distance <= std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3))
            ranked.emplace_back(distance, candidate);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> found;
    for (const auto& [distance, candidate] : ranked) {
        if (found.size() == limit) break;
        if (std::find(found.begin(), found.end(), candidate) == found.end()) found.push_back(candidate);
    }
    return found;
}

}  // namespace sagebuild
