#include "text/release_changes.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "core/text_list.hpp"
#include "text/markdown.hpp"

namespace sagebuild {

namespace {

/// What names say, so that both releases are compared by the same.
struct NamedFor {
    std::set<Version> torch, cuda, pythons;

    void add(const std::string& file_name, const Compat& compat) {
        const auto name = parse_wheel_name(file_name);
        if (!name) return;
        const WheelFacts facts = read_wheel_facts(*name, compat);
        if (facts.torch) torch.insert(facts.torch->prefix(2));
        if (facts.cuda) cuda.insert(*facts.cuda);
        for (const std::string& tag : name->pythons) {
            const auto python = tag.starts_with("cp3") ? parse_version("3." + tag.substr(3)) : std::nullopt;
            if (python) pythons.insert(*python);
        }
    }
};

template <typename Value>
std::vector<Value> without(const std::set<Value>& left, const std::set<Value>& right) {
    std::vector<Value> out;
    std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(out));
    return out;
}

/// `torch 2.9, CUDA 13.0, Python 3.14`: what `left` names and `right` does not.
std::string describe_difference(const NamedFor& left, const NamedFor& right) {
    std::vector<std::string> parts;
    if (const auto torch = without(left.torch, right.torch); !torch.empty()) parts.push_back("torch " + join_values(torch));
    if (const auto cuda = without(left.cuda, right.cuda); !cuda.empty()) parts.push_back("CUDA " + join_values(cuda));
    if (const auto pythons = without(left.pythons, right.pythons); !pythons.empty()) parts.push_back("Python " + join_values(pythons));
    return join_texts(parts, "; ", [](const std::string& part) { return part; });
}

std::string render_list(const std::string& title, const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += "\n- " + title + ": " + markdown_code(name);
    return out;
}

}  // namespace

std::string render_release_changes(const std::vector<PublishedWheel>& wheels, const std::optional<EarlierRelease>& earlier,
                                   const Compat& compat) {
    if (!earlier) return "No earlier release was compared.";
    std::map<std::string, std::string> before;
    NamedFor named_before, named_now;
    for (const StatedDigest& file : earlier->files) {
        if (!file.name.ends_with(".whl")) continue;
        before.emplace(file.name, file.sha256);
        named_before.add(file.name, compat);
    }
    std::vector<std::string> added, rebuilt, unknown, gone;
    std::size_t same = 0;
    for (const PublishedWheel& wheel : wheels) {
        named_now.add(wheel.wheel.name, compat);
        const auto found = before.find(wheel.wheel.name);
        if (found == before.end()) {
            added.push_back(wheel.wheel.name);
            continue;
        }
        if (found->second.empty()) {
            unknown.push_back(wheel.wheel.name);
        } else if (found->second != wheel.wheel.sha256) {
            rebuilt.push_back(wheel.wheel.name);
        } else {
            ++same;
        }
        before.erase(found);
    }
    for (const auto& [name, digest] : before) gone.push_back(name);
    std::string out = "Since " + markdown_code(earlier->shown) + ": " + std::to_string(added.size()) + " new, " +
                      std::to_string(rebuilt.size()) + " built anew, " + std::to_string(gone.size()) + " gone, " + std::to_string(same) +
                      " the same byte for byte";
    if (!unknown.empty()) out += ", " + std::to_string(unknown.size()) + " of the same name whose earlier digest is not known";
    out += ".\n";
    if (const std::string more = describe_difference(named_now, named_before); !more.empty()) out += "\n- new: " + more;
    if (const std::string less = describe_difference(named_before, named_now); !less.empty()) out += "\n- no longer: " + less;
    out += render_list("new", added) + render_list("built anew", rebuilt) + render_list("gone", gone);
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

}  // namespace sagebuild
