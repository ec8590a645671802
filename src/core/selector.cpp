#include "core/selector.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/error_at.hpp"
#include "core/glob.hpp"
#include "core/nearest.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

constexpr std::array<std::string_view, 6> filter_keys = {"python", "torch", "cuda", "package", "arch", "kind"};

std::string quoted(std::string_view word) {
    return "`" + std::string(word) + "`";
}

Diagnostic malformed(std::string what, std::vector<std::string> nearest, std::string hint) {
    Diagnostic error{.code = "SB0225", .what = std::move(what)};
    error.nearest = std::move(nearest);
    if (!hint.empty()) error.hints.push_back(std::move(hint));
    return error;
}

std::string kind_name(TargetKind kind) {
    return kind == TargetKind::row ? "row" : "universal";
}

/// The values that a target has for a key, as texts that a user may write.
std::vector<std::string> values_of(std::string_view key, const Target& target) {
    if (key == "python") return target.python ? std::vector{target.python->to_string()} : std::vector<std::string>{};
    if (key == "torch") return target.torch ? std::vector{target.torch->to_string()} : std::vector<std::string>{};
    if (key == "cuda") return {target.cuda.to_string()};
    if (key == "package") return {target.package};
    if (key == "kind") return {kind_name(target.kind)};
    std::vector<std::string> archs = map_items(target.archs, [](const Arch& arch) { return arch.to_string(); });
    for (const CoveredArch& covered : target.covered) archs.push_back(covered.arch.to_string());
    return archs;
}

/// All values of a key, numbers in numeric order, each once.
std::vector<std::string> all_values(std::string_view key, const std::vector<const Target*>& targets) {
    std::set<std::pair<Version, std::string>> ordered;
    for (const Target* target : targets) {
        for (const std::string& value : values_of(key, *target)) ordered.emplace(parse_version(value).value_or(Version()), value);
    }
    return map_items(ordered, [](const auto& entry) { return entry.second; });
}

Diagnostic unknown_value(const SelectorTerm& filter, const std::vector<const Target*>& targets) {
    Diagnostic error{.code = "SB0224", .what = "no target has " + filter.key + " " + quoted(filter.value)};
    const std::vector<std::string> values = all_values(filter.key, targets);
    error.nearest = find_nearest(filter.value, values);
    if (!values.empty())
        error.notes.push_back(filter.key + " of the matrix: " + join_texts(values, ", ", [](const std::string& value) { return value; }));
    return error;
}

Diagnostic unknown_name(std::string_view word, const std::vector<const Target*>& targets, const std::vector<const Group*>& groups) {
    Diagnostic error{.code = "SB0224", .what = ""};
    const auto tests = std::find_if(groups.begin(), groups.end(), [&](const Group* group) { return group->tests && group->name == word; });
    if (tests != groups.end()) {
        error.what = quoted(word) + " is a group of tests, not of wheels";
        return error;
    }
    error.what = is_glob(word) ? "no target or group matches " + quoted(word) : quoted(word) + " is neither a target nor a group";
    std::vector<std::string> names;
    for (const Group* group : groups) {
        if (!group->tests) names.push_back(group->name);
    }
    for (const Target* target : targets) names.push_back(target->name);
    error.nearest = find_nearest(word, names);
    if (error.nearest.empty()) error.hints.push_back("`sagebuild matrix list --format names` and `sagebuild matrix groups` list all names");
    return error;
}

/// Marks the targets that a name, group or glob means; false if there is none.
bool mark_named(std::string_view word, const std::vector<const Target*>& targets, const std::vector<const Group*>& groups,
                std::vector<bool>& chosen) {
    bool found = false;
    const auto names_it = [&](std::string_view name) { return is_glob(word) ? matches_glob(word, name) : word == name; };
    for (std::size_t index = 0; index < targets.size(); ++index) {
        if (!names_it(targets[index]->name)) continue;
        chosen[index] = true;
        found = true;
    }
    for (const Group* group : groups) {
        if (group->tests || !names_it(group->name)) continue;
        found = true;
        for (std::size_t index = 0; index < targets.size(); ++index) {
            if (std::find(group->targets.begin(), group->targets.end(), targets[index]->name) != group->targets.end()) chosen[index] = true;
        }
    }
    return found;
}

using Filters = std::map<std::string, std::vector<SelectorTerm>>;

/// The keys whose filters refuse a target, in the order of `filter_keys`.
std::vector<std::string> refusing_keys(const Filters& filters, const Target& target) {
    std::vector<std::string> keys;
    for (const std::string_view key : filter_keys) {
        const auto found = filters.find(std::string(key));
        if (found == filters.end()) continue;
        const bool accepted = std::any_of(found->second.begin(), found->second.end(),
                                          [&](const SelectorTerm& filter) { return matches_filter(filter, target); });
        if (!accepted) keys.emplace_back(key);
    }
    return keys;
}

/// What the filters ask for, in words: `python 3.13, torch 2.8`.
std::string describe(const Filters& filters) {
    std::string out;
    for (const std::string_view key : filter_keys) {
        const auto found = filters.find(std::string(key));
        if (found == filters.end()) continue;
        if (!out.empty()) out += ", ";
        out += std::string(key) + " " + join_texts(found->second, " or ", [](const SelectorTerm& filter) { return filter.value; });
    }
    return out;
}

/// The targets that the fewest keys refuse, with those keys.
struct NearMiss {
    const Target* target = nullptr;
    std::vector<std::string> keys;
};

std::vector<NearMiss> rank_misses(const std::vector<const Target*>& targets, const Filters& filters) {
    auto misses = map_items(targets, [&](const Target* target) { return NearMiss{target, refusing_keys(filters, *target)}; });
    std::stable_sort(misses.begin(), misses.end(), [](const NearMiss& a, const NearMiss& b) { return a.keys.size() < b.keys.size(); });
    return misses;
}

std::string keys_text(const std::vector<std::string>& keys) {
    return join_texts(keys, ", ", [](const std::string& key) { return key; });
}

/// The source value that keeps a target from matching `key`, for the caret.
std::optional<Diagnostic> point_at_row(const Matrix& matrix, const NearMiss& miss, const Filters& filters) {
    if (miss.keys.size() != 1) return std::nullopt;
    const std::string& key = miss.keys.front();
    const std::string wanted = join_texts(filters.at(key), " or ", [](const SelectorTerm& filter) { return filter.value; });
    std::vector<std::string> matching;
    for (const auto& entry : filters) {
        if (entry.first != key) matching.push_back(entry.first);
    }
    const std::string rest = matching.empty() ? "" : "; " + keys_text(matching) + (matching.size() == 1 ? " matches" : " match");
    for (const PackageMatrix& package : matrix.packages) {
        for (const Row& row : package.rows) {
            if (!(row.place == miss.target->place)) continue;
            if (key == "python" && !row.python.empty()) {
                Diagnostic error = error_at(row.python.front(), "", "", wanted + " is not in this list" + rest);
                error.hints.push_back("add \"" + wanted + "\" here, or select python " + miss.target->python->to_string());
                return error;
            }
            if (key == "torch") return error_at(row.torch, "", "", "not " + wanted + rest);
            if (key == "cuda") return error_at(row.cuda, "", "", "not " + wanted + rest);
            if (key == "arch") return error_at(row.archs, "", "", wanted + " is neither compiled nor covered" + rest);
        }
    }
    return std::nullopt;
}

Diagnostic nothing_matches(const std::vector<const Target*>& candidates, const Filters& filters, const Matrix* matrix) {
    if (candidates.empty()) return {.code = "SB0226", .what = "the groups that were named hold no target"};
    // the last rows come first: of equally near targets the newest is what a user most likely wants
    const std::vector<NearMiss> misses = rank_misses({candidates.rbegin(), candidates.rend()}, filters);
    Diagnostic error = matrix == nullptr ? Diagnostic{} : point_at_row(*matrix, misses.front(), filters).value_or(Diagnostic{});
    error.code = "SB0226";
    error.what = "no target has " + describe(filters);
    for (std::size_t index = 0; index < std::min<std::size_t>(misses.size(), 3); ++index) {
        error.nearest.push_back(misses[index].target->name + " differs in " + keys_text(misses[index].keys));
    }
    return error;
}

}  // namespace

Result<SelectorTerm> parse_selector_term(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return SelectorTerm{std::string(word), "", ""};
    SelectorTerm term{std::string(word), std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
    if (std::find(filter_keys.begin(), filter_keys.end(), term.key) == filter_keys.end()) {
        const std::vector<std::string> keys(filter_keys.begin(), filter_keys.end());
        return malformed(quoted(term.key) + " is no selector key", find_nearest(term.key, keys), "the keys are " + keys_text(keys));
    }
    if (term.value.empty()) return malformed(quoted(word) + " has no value", {}, "write " + quoted(term.key + "=VALUE"));
    if (term.key == "kind" && term.value != "row" && term.value != "universal") {
        return malformed(quoted(term.value) + " is no kind of target", find_nearest(term.value, {"row", "universal"}),
                         "the kinds are row and universal");
    }
    const bool is_version = term.key == "python" || term.key == "torch" || term.key == "cuda";
    if (is_version && !parse_version(term.value)) {
        const std::string example = term.key == "python" ? "3.12" : term.key == "torch" ? "2.8" : "12.9";
        return malformed(quoted(term.value) + " is not a version", {}, "write it like " + quoted(term.key + "=" + example));
    }
    if (term.key == "arch" && !parse_arch(term.value)) {
        return malformed(quoted(term.value) + " is not an arch", {}, "write it like `arch=8.9`");
    }
    return term;
}

bool matches_filter(const SelectorTerm& filter, const Target& target) {
    const std::vector<std::string> values = values_of(filter.key, target);
    if (filter.key == "arch") {
        const auto arch = parse_arch(filter.value);
        return arch && std::find(values.begin(), values.end(), arch->capability().to_string()) != values.end();
    }
    const bool is_version = filter.key == "python" || filter.key == "torch" || filter.key == "cuda";
    if (!is_version) return std::find(values.begin(), values.end(), filter.value) != values.end();
    const auto wanted = parse_version(filter.value);
    return wanted && std::any_of(values.begin(), values.end(), [&](const std::string& value) {
               const auto version = parse_version(value);
               return version && version->starts_with(*wanted);
           });
}

Selection apply_selector(const std::vector<const Target*>& targets, const std::vector<const Group*>& groups,
                         const std::vector<std::string>& words, const Matrix* matrix) {
    Selection selection;
    selection.chosen.assign(targets.size(), false);
    Filters filters;
    std::vector<SelectorProblem> unknown;
    bool any_name = false;
    for (std::size_t index = 0; index < words.size(); ++index) {
        Result<SelectorTerm> term = parse_selector_term(words[index]);
        if (!term) {
            selection.problems.push_back({index, term.errors().front()});
        } else if (term->key.empty()) {
            any_name = true;
            if (!mark_named(term->text, targets, groups, selection.chosen)) {
                selection.problems.push_back({index, unknown_name(term->text, targets, groups)});
            }
        } else {
            filters[term->key].push_back(*term);
            const bool known =
                std::any_of(targets.begin(), targets.end(), [&](const Target* target) { return matches_filter(*term, *target); });
            if (!known) unknown.push_back({index, unknown_value(*term, targets)});
        }
    }
    if (!any_name) selection.chosen.assign(targets.size(), true);
    // a release that no row has is best answered by the row that comes nearest, unless other words are wrong too
    const bool by_nearest_row =
        matrix != nullptr && selection.problems.empty() && std::all_of(unknown.begin(), unknown.end(), [&](const SelectorProblem& problem) {
            const std::string key = parse_selector_term(words[problem.index])->key;
            return key != "package" && filters.at(key).size() == 1;
        });
    if (!by_nearest_row) std::move(unknown.begin(), unknown.end(), std::back_inserter(selection.problems));
    if (!selection.problems.empty()) {
        std::stable_sort(selection.problems.begin(), selection.problems.end(),
                         [](const SelectorProblem& a, const SelectorProblem& b) { return a.index < b.index; });
        return selection;
    }

    std::vector<const Target*> candidates;
    bool any_left = false;
    for (std::size_t index = 0; index < targets.size(); ++index) {
        if (!selection.chosen[index]) continue;
        candidates.push_back(targets[index]);
        selection.chosen[index] = refusing_keys(filters, *targets[index]).empty();
        any_left = any_left || selection.chosen[index];
    }
    if (any_left || targets.empty()) return selection;
    selection.problems.push_back({words.size(), nothing_matches(candidates, filters, matrix)});
    for (const SelectorProblem& problem : unknown) {
        Diagnostic& error = selection.problems.back().error;
        error.notes.insert(error.notes.end(), problem.error.notes.begin(), problem.error.notes.end());
    }
    return selection;
}

Result<std::vector<Target>> select_targets(const TargetSet& set, const Matrix& matrix, const std::vector<std::string>& words) {
    const auto targets = map_items(set.targets, [](const Target& target) { return &target; });
    const auto groups = map_items(set.groups, [](const Group& group) { return &group; });

    Selection selection = apply_selector(targets, groups, words, &matrix);
    if (!selection.problems.empty()) {
        Diagnostics errors;
        for (SelectorProblem& problem : selection.problems) errors.push_back(std::move(problem.error));
        return errors;
    }
    std::vector<Target> chosen;
    for (std::size_t index = 0; index < targets.size(); ++index) {
        if (selection.chosen[index]) chosen.push_back(*targets[index]);
    }
    return chosen;
}

}  // namespace sagebuild
