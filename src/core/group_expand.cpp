#include "core/group_expand.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/error_at.hpp"
#include "core/nearest.hpp"
#include "core/selector.hpp"
#include "core/target_name.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

std::optional<Version> value_of(std::string_view dimension, const Target& target) {
    if (dimension == "python") return target.python;
    if (dimension == "torch") return target.torch;
    return target.cuda;
}

/// The dimension that a template's braces name, empty if it is none. The reader lets one placeholder of known dimensions pass.
std::string placeholder_of(const std::string& name) {
    const std::size_t open = name.find('{');
    const std::size_t close = name.find('}');
    return open == std::string::npos || close == std::string::npos ? "" : name.substr(open + 1, close - open - 1);
}

std::string fill_template(std::string name, const std::string& placeholder, const Version& value) {
    return name.replace(name.find('{'), placeholder.size() + 2, joined_digits(value));
}

/// One group to be: a rule, and which of its targets a template's values leave.
struct Instance {
    std::string name;
    const GroupRule* rule = nullptr;
    std::vector<bool> selected;  ///< by target, before includes
    std::vector<bool> members;   ///< the result
    enum class State { untouched, visiting, done } state = State::untouched;
};

class GroupExpansion {
  public:
    GroupExpansion(const PackageMatrix& package, const std::vector<const Target*>& targets, std::map<std::string, std::string>& taken,
                   Diagnostics& errors)
        : m_package(package), m_targets(targets), m_taken(taken), m_errors(errors) {}

    std::vector<Group> run() {
        for (const GroupRule& rule : m_package.groups) add_instances(rule);
        std::vector<Group> groups;
        for (Instance& instance : m_instances) {
            std::vector<std::string> path;
            resolve(instance, path);
            Group group{instance.name, {}, false};
            for (std::size_t index = 0; index < m_targets.size(); ++index) {
                if (instance.members[index]) group.targets.push_back(m_targets[index]->name);
            }
            groups.push_back(std::move(group));
        }
        return groups;
    }

  private:
    void add_instances(const GroupRule& rule) {
        const std::vector<bool> selected = apply_select(rule);
        const std::string placeholder = placeholder_of(rule.name.value);
        if (placeholder.empty()) {
            add_instance({rule.name.value, &rule, selected, {}});
            return;
        }
        std::map<Version, std::vector<bool>> by_value;
        for (std::size_t index = 0; index < m_targets.size(); ++index) {
            const auto value = value_of(placeholder, *m_targets[index]);
            if (!selected[index] || !value) continue;
            by_value.try_emplace(value->prefix(2), m_targets.size(), false).first->second[index] = true;
        }
        for (const auto& [value, members] : by_value) {
            add_instance({fill_template(rule.name.value, placeholder, value), &rule, members, {}});
        }
    }

    void add_instance(Instance instance) {
        const auto [found, added] = m_taken.try_emplace(instance.name, "a group of " + place_text(instance.rule->name.place));
        if (!added) {
            const bool from_template = instance.name != instance.rule->name.value;
            m_errors.push_back(error_at(instance.rule->name, "SB0223", "group name `" + instance.name + "` is taken by " + found->second,
                                        from_template ? "this template makes it" : ""));
            return;
        }
        m_instances.push_back(std::move(instance));
    }

    std::vector<bool> apply_select(const GroupRule& rule) {
        std::vector<bool> selected(m_targets.size(), false);
        if (rule.select.empty()) {
            if (rule.include.empty()) {
                for (std::size_t index = 0; index < m_targets.size(); ++index) selected[index] = m_targets[index]->kind == TargetKind::row;
            }
            return selected;
        }
        const auto words = map_items(rule.select, [](const Located<std::string>& word) { return word.value; });
        Selection selection = apply_selector(m_targets, {}, words);
        for (SelectorProblem& problem : selection.problems) report_select(rule, problem);
        return selection.chosen;
    }

    void report_select(const GroupRule& rule, SelectorProblem& problem) {
        const Located<std::string>& at = problem.index < rule.select.size() ? rule.select[problem.index] : rule.select.front();
        Diagnostic error = std::move(problem.error);
        const bool is_group = std::any_of(m_package.groups.begin(), m_package.groups.end(),
                                          [&](const GroupRule& other) { return other.name.value == at.value; });
        if (error.code == "SB0224" && is_group) {
            error.what = "`" + at.value + "` is a group, and `select` chooses targets";
            error.nearest.clear();
            error.hints = {"put it under `include`"};
        }
        error.place = at.place;
        error.excerpt = Excerpt{at.line, at.width, ""};
        m_errors.push_back(std::move(error));
    }

    Instance* find(const std::string& name) {
        const auto found =
            std::find_if(m_instances.begin(), m_instances.end(), [&](const Instance& instance) { return instance.name == name; });
        return found == m_instances.end() ? nullptr : &*found;
    }

    void resolve(Instance& instance, std::vector<std::string>& path) {
        if (instance.state == Instance::State::done) return;
        instance.state = Instance::State::visiting;
        instance.members = instance.selected;
        path.push_back(instance.name);
        for (const Located<std::string>& name : instance.rule->include) {
            Instance* included = find(name.value);
            if (included == nullptr) {
                report_unknown_include(name);
            } else if (included->state == Instance::State::visiting) {
                report_cycle(name, path);
            } else {
                resolve(*included, path);
                for (std::size_t index = 0; index < m_targets.size(); ++index) {
                    if (included->members[index]) instance.members[index] = true;
                }
            }
        }
        path.pop_back();
        keep_newest(instance);
        instance.state = Instance::State::done;
    }

    /// A template's instances share the rule, so each of its faults is reported once.
    void report_unknown_include(const Located<std::string>& name) {
        if (!m_reported.insert(&name).second) return;
        Diagnostic error = error_at(name, "SB0224", "`" + name.value + "` is not a group of `" + m_package.name.value + "`");
        const bool is_target =
            std::any_of(m_targets.begin(), m_targets.end(), [&](const Target* target) { return target->name == name.value; });
        if (is_target) error.hints.push_back("put the target under `select`");
        const auto names = map_items(m_instances, [](const Instance& instance) { return instance.name; });
        if (!is_target) error.nearest = find_nearest(name.value, names);
        m_errors.push_back(std::move(error));
    }

    void report_cycle(const Located<std::string>& name, const std::vector<std::string>& path) {
        if (!m_reported.insert(&name).second) return;
        const auto begin = std::find(path.begin(), path.end(), name.value);
        const std::string way =
            join_texts(std::vector<std::string>(begin, path.end()), " -> ", [](const std::string& step) { return "`" + step + "`"; });
        m_errors.push_back(
            error_at(name, "SB0227", "groups include each other: " + way + " -> `" + name.value + "`", "the circle closes here"));
    }

    /// Keeps the members with the greatest value of `newest`, separately for each value of `per`; a target without them falls out.
    void keep_newest(Instance& instance) {
        const GroupRule& rule = *instance.rule;
        if (!rule.newest) return;
        std::map<Version, Version> newest_per;
        const auto key_of = [&](const Target& target) -> std::optional<Version> {
            if (!rule.per) return Version();
            const auto value = value_of(rule.per->value, target);
            return value ? std::optional(value->prefix(2)) : std::nullopt;
        };
        for (std::size_t index = 0; index < m_targets.size(); ++index) {
            const auto key = key_of(*m_targets[index]);
            const auto value = value_of(rule.newest->value, *m_targets[index]);
            if (!instance.members[index] || !key || !value) continue;
            Version& best = newest_per.try_emplace(*key, *value).first->second;
            best = std::max(best, *value);
        }
        for (std::size_t index = 0; index < m_targets.size(); ++index) {
            const auto key = key_of(*m_targets[index]);
            const auto value = value_of(rule.newest->value, *m_targets[index]);
            instance.members[index] = instance.members[index] && key && value && newest_per.at(*key) == *value;
        }
    }

    const PackageMatrix& m_package;
    const std::vector<const Target*>& m_targets;
    std::map<std::string, std::string>& m_taken;
    Diagnostics& m_errors;
    std::vector<Instance> m_instances;
    std::set<const void*> m_reported;
};

}  // namespace

std::vector<Group> expand_groups(const PackageMatrix& package, const std::vector<const Target*>& targets,
                                 std::map<std::string, std::string>& taken, Diagnostics& errors) {
    return GroupExpansion(package, targets, taken, errors).run();
}

}  // namespace sagebuild
