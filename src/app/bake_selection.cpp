#include "app/bake_selection.hpp"

#include <algorithm>
#include <set>

#include "core/error_at.hpp"
#include "core/nearest.hpp"
#include "core/selector.hpp"

namespace sagebuild {

namespace {

const BakeGroup* find_group(const BakeFile& bake, std::string_view name) {
    const auto found = std::find_if(bake.groups.begin(), bake.groups.end(), [&](const BakeGroup& group) { return group.name == name; });
    return found == bake.groups.end() ? nullptr : &*found;
}

bool is_public_target(const BakeFile& bake, const std::string& name) {
    return !name.starts_with("_") && bake.find(name) != nullptr;
}

Diagnostic unknown_test(const BakeFile& bake, const std::string& word) {
    std::vector<std::string> names = {"test-all"};
    for (const BakeTarget& target : bake.targets) {
        if (target.name.starts_with("test-")) names.push_back(target.name);
    }
    Diagnostic error{.code = "SB0310", .what = "`" + word + "` is no test of a target", .nearest = find_nearest(word, names)};
    if (error.nearest.empty()) error.hints = {"write `test-TARGET`; `sagebuild matrix list --format names` lists the targets"};
    return error;
}

/// Why the targets of a package without kernel units cannot be built; once per package.
Diagnostics explain_left_out(const LoadedMatrix& loaded, const std::vector<Target>& targets) {
    Diagnostics errors;
    for (const PackageMatrix& package : loaded.matrix.packages) {
        const auto first =
            std::find_if(targets.begin(), targets.end(), [&](const Target& target) { return target.package == package.name.value; });
        if (!package.units.empty() || first == targets.end()) continue;
        Diagnostic error{.code = "SB0301", .what = "`" + package.name.value + "` has no kernel units yet", .place = first->place};
        error.notes = {"`units:` of " + package.file + " is empty: docker-bake.hcl leaves its targets out"};
        for (const PackageMatrix& other : loaded.matrix.packages) {
            if (!other.units.empty()) error.hints.push_back("`package=" + other.name.value + "` selects targets that have kernels");
        }
        errors.push_back(std::move(error));
    }
    return errors;
}

}  // namespace

Result<std::vector<std::string>> select_bake_names(const LoadedMatrix& loaded, const BakeFile& bake,
                                                   const std::vector<std::string>& words) {
    std::vector<std::string> names, selectors;
    Diagnostics errors;
    for (const std::string& word : words) {
        if (is_public_target(bake, word) || find_group(bake, word) != nullptr) {
            names.push_back(word);
        } else if (word.starts_with("test-")) {
            errors.push_back(unknown_test(bake, word));
        } else {
            selectors.push_back(word);
        }
    }
    // Filters narrow names, so with one of them the names are selectors too, unless they are tests.
    const bool narrows =
        std::any_of(selectors.begin(), selectors.end(), [](const std::string& word) { return word.find('=') != std::string::npos; });
    if (narrows) {
        selectors = words;
        names.clear();
    }
    if (!selectors.empty() && errors.empty()) {
        auto targets = select_targets(loaded.targets, loaded.matrix, selectors);
        if (!targets) return std::move(targets).errors();
        if (Diagnostics left_out = explain_left_out(loaded, *targets); !left_out.empty()) return left_out;
        for (const Target& target : *targets) names.push_back(target.name);
    }
    if (!errors.empty()) return errors;
    if (names.empty()) {
        if (find_group(bake, "default") == nullptr)
            return Diagnostic{.code = "SB0310", .what = "the matrix has no group `default`", .hints = {"name targets or groups"}};
        names = {"default"};
    }
    return names;
}

std::vector<const BakeTarget*> find_bake_targets(const BakeFile& bake, const std::vector<std::string>& names) {
    std::set<std::string> wanted;
    for (const std::string& name : names) {
        if (const BakeGroup* group = find_group(bake, name)) {
            wanted.insert(group->targets.begin(), group->targets.end());
        } else {
            wanted.insert(name);
        }
    }
    std::vector<const BakeTarget*> found;
    for (const BakeTarget& target : bake.targets) {
        if (wanted.contains(target.name)) found.push_back(&target);
    }
    return found;
}

}  // namespace sagebuild
