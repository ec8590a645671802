#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/matrix.hpp"
#include "core/result.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// One word of a selector: a target, a group, a glob over both (`key` empty), or a filter `key=value`.
struct SelectorTerm {
    std::string text;
    std::string key;
    std::string value;
};

/// Splits `key=value`, checks the key and the shape of the value. Codes SB0225.
Result<SelectorTerm> parse_selector_term(std::string_view word);

/// Whether one filter accepts a target. Versions match by their leading parts; `arch` is compiled or covered.
bool matches_filter(const SelectorTerm& filter, const Target& target);

/// What is wrong with the word at `index` of a selector; `index` past the end: the words as a whole.
struct SelectorProblem {
    std::size_t index = 0;
    Diagnostic error;
};

struct Selection {
    std::vector<bool> chosen;  ///< by target
    std::vector<SelectorProblem> problems;
};

/// Names, groups and globs are joined, filters narrow: all keys must match, one value of each key is enough. No name: everything.
/// Every word that is unknown or matches nothing is a problem, and so is an empty result; with `matrix` the latter points at the value
/// of the YAML row that comes nearest.
Selection apply_selector(const std::vector<const Target*>& targets, const std::vector<const Group*>& groups,
                         const std::vector<std::string>& words, const Matrix* matrix = nullptr);

/// The targets that `words` select, in matrix order. Codes SB0224, SB0225, SB0226.
Result<std::vector<Target>> select_targets(const TargetSet& set, const Matrix& matrix, const std::vector<std::string>& words);

}  // namespace sagebuild
