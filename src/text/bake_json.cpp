#include "text/bake_json.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

class Resolver {
  public:
    Resolver(const BakeFile& file, const VariableLookup& environment) : m_file(file), m_environment(environment) {}

    Json resolve(const std::vector<std::string>& names) {
        std::map<std::string, std::vector<std::string>> groups;
        std::set<std::string> targets;
        const std::vector<std::string> asked = names.empty() ? std::vector<std::string>{"default"} : names;
        for (const std::string& name : asked) {
            const auto group = std::find_if(m_file.groups.begin(), m_file.groups.end(),
                                            [&](const BakeGroup& candidate) { return candidate.name == name; });
            if (group == m_file.groups.end()) {
                targets.insert(name);
            } else {
                groups[name] = group->targets;
                targets.insert(group->targets.begin(), group->targets.end());
            }
        }
        // What was asked for becomes the group `default` of the answer; the file's own one gives its members, before all else.
        std::vector<std::string> members = groups["default"];
        std::copy_if(asked.begin(), asked.end(), std::back_inserter(members), [](const std::string& name) { return name != "default"; });
        groups["default"] = unique(members);
        Json out = {{"group", Json::object()}, {"target", Json::object()}};
        for (const auto& [name, own] : groups) out["group"][name] = {{"targets", own}};
        for (const std::string& name : targets) out["target"][name] = target_json(*m_file.find(name));
        return out;
    }

    std::optional<std::string> value_of(const BakeValue& value) const {
        const std::string set = value.variable.empty() ? "" : variable(value.variable);
        switch (value.kind) {
            case BakeValue::Kind::variable:
                return set.empty() ? std::nullopt : std::optional(set);
            case BakeValue::Kind::either:
                return set.empty() ? value.text : set;
            case BakeValue::Kind::image:
                return (set.empty() ? m_file.find_variable(value.variable)->value : set) + ":" + value.text;
            case BakeValue::Kind::archs:
                return archs_of(set, value.text);
            case BakeValue::Kind::text:
                break;
        }
        return value.text;
    }

  private:
    static std::vector<std::string> unique(const std::vector<std::string>& names) {
        std::vector<std::string> out;
        for (const std::string& name : names) {
            if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
        }
        return out;
    }

    std::string variable(const std::string& name) const {
        if (const auto set = m_environment(name)) return *set;
        const BakeVariable* found = m_file.find_variable(name);
        return found == nullptr ? "" : found->value;
    }

    std::string archs_of(const std::string& list, const std::string& own) const {
        if (!list.empty() && list != own) return list;
        const std::string common = "TORCH_CUDA_ARCH_LIST";
        const std::string all = variable(common);
        return !all.empty() && all != m_file.find_variable(common)->value ? all : own;
    }

    /// The target with all that it inherits, in buildx' order of keys.
    Json target_json(const BakeTarget& target) const {
        const BakeTarget whole = m_file.with_inherited(target);
        Json out = {{"context", whole.context}, {"dockerfile", whole.dockerfile}};
        for (const auto& [name, value] : whole.args) {
            if (const auto text = value_of(value)) out["args"][name] = *text;
        }
        if (!whole.cache_from.empty()) out["cache-from"] = Json::array({{{"scope", whole.cache_from}, {"type", "gha"}}});
        if (!whole.cache_to.empty()) out["cache-to"] = Json::array({{{"mode", "max"}, {"scope", whole.cache_to}, {"type", "gha"}}});
        out["target"] = whole.stage;
        out["platforms"] = Json::array({whole.platform});
        out["output"] = Json::array({whole.output});
        return out;
    }

    const BakeFile& m_file;
    const VariableLookup& m_environment;
};

/// Go's JSON writer escapes what could end a script in HTML.
std::string escape_html(const std::string& json) {
    std::string out;
    for (const char letter : json) {
        if (letter == '<') {
            out += "\\u003c";
        } else if (letter == '>') {
            out += "\\u003e";
        } else if (letter == '&') {
            out += "\\u0026";
        } else {
            out += letter;
        }
    }
    return out;
}

}  // namespace

std::optional<std::string> find_bake_argument(const BakeFile& file, const BakeTarget& target, const std::string& name,
                                              const VariableLookup& environment) {
    const BakeTarget whole = file.with_inherited(target);
    const auto value = whole.args.find(name);
    return value == whole.args.end() ? std::nullopt : Resolver(file, environment).value_of(value->second);
}

std::string render_bake_json(const BakeFile& file, const std::vector<std::string>& names, const VariableLookup& environment) {
    const Json json = Resolver(file, environment).resolve(names);
    return escape_html(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace sagebuild
