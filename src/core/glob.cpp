#include "core/glob.hpp"

#include <optional>

namespace sagebuild {

namespace {

/// Takes one element from the front of `pattern` (never `*`); whether `letter` is what it stands for.
bool take_element(std::string_view& pattern, char letter) {
    const char first = pattern.front();
    const bool negated = pattern.size() > 1 && pattern[1] == '!';
    const std::size_t begin = negated ? 2 : 1;
    const std::size_t close = first == '[' ? pattern.find(']', begin + 1) : std::string_view::npos;
    if (close == std::string_view::npos) {
        pattern.remove_prefix(1);
        return first == '?' || first == letter;
    }
    bool inside = false;
    for (std::size_t at = begin; at < close;) {
        const bool range = at + 2 < close && pattern[at + 1] == '-';
        const char last = range ? pattern[at + 2] : pattern[at];
        inside = inside || (pattern[at] <= letter && letter <= last);
        at += range ? 3 : 1;
    }
    pattern.remove_prefix(close + 1);
    return inside != negated;
}

}  // namespace

bool is_glob(std::string_view word) {
    return word.find_first_of("*?[") != std::string_view::npos;
}

bool matches_glob(std::string_view pattern, std::string_view name) {
    struct Resume {
        std::string_view pattern, name;
    };
    // after a mismatch behind `*`, that `*` takes one more letter: earlier ones need no second try, so time is quadratic at worst
    std::optional<Resume> star;
    while (!name.empty() || !pattern.empty()) {
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            star = Resume{pattern, name};
            continue;
        }
        if (!name.empty() && !pattern.empty() && take_element(pattern, name.front())) {
            name.remove_prefix(1);
            continue;
        }
        if (!star || star->name.empty()) return false;
        star->name.remove_prefix(1);
        pattern = star->pattern;
        name = star->name;
    }
    return true;
}

}  // namespace sagebuild
