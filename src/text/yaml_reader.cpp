#include "text/yaml_reader.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/nearest.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t shown_problems = 100;

std::string_view describe(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null:
            return "nothing";
        case YamlNode::Kind::scalar:
            return "a text";
        case YamlNode::Kind::sequence:
            return "a list";
        case YamlNode::Kind::mapping:
            return "a mapping";
    }
    return "";
}

}  // namespace

std::string all_of(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "`" : ", `") + word + "`";
    return out;
}

std::string any_of(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (index > 0) out += index + 1 == words.size() ? " or " : ", ";
        out += "`" + words[index] + "`";
    }
    return out;
}

Diagnostic& YamlReader::add(std::string code, std::string what, const YamlNode& node) {
    // the source line comes in `finish`: a file of nothing but faults must not be copied once per fault
    Diagnostic& problem = m_problems.emplace_back(Diagnostic{std::move(code), std::move(what), m_document.place_of(node)});
    problem.excerpt = Excerpt{"", node.width, ""};
    return problem;
}

Diagnostics YamlReader::finish() const {
    Diagnostics all = m_document.duplicates;
    all.insert(all.end(), m_problems.begin(), m_problems.end());
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& left, const Diagnostic& right) {
        return std::tie(left.place.line, left.place.column) < std::tie(right.place.line, right.place.column);
    });
    const std::size_t count = all.size();
    if (count > shown_problems) {
        all.resize(shown_problems);
        all.back().notes.push_back("this file has " + std::to_string(count - shown_problems) + " more problems");
    }
    for (Diagnostic& problem : all) {
        if (problem.excerpt) problem.excerpt->line = m_document.line_of(problem.place.line);
    }
    return all;
}

void YamlReader::add_wrong_type(const YamlNode& node, std::string_view subject, std::string_view wanted, std::string hint) {
    add("SB0108", std::string(subject) + " is " + std::string(describe(node)) + ", not " + std::string(wanted), node)
        .hints.push_back(std::move(hint));
}

bool YamlReader::is_mapping(const YamlNode& node, std::string_view subject) {
    if (node.kind == YamlNode::Kind::mapping) return true;
    if (node.kind == YamlNode::Kind::null && &node == &m_document.root) {
        add("SB0109", "the file is empty", node).hints.emplace_back("see the matrix files of sagebuild for what stands in one");
        return false;
    }
    add_wrong_type(node, subject, "a mapping",
                   node.kind == YamlNode::Kind::null ? "write `key: value` pairs, or `{}` for none" : "write `key: value` pairs");
    return false;
}

bool YamlReader::is_list(const YamlNode& node, std::string_view subject, bool may_be_empty) {
    if (node.kind != YamlNode::Kind::sequence) {
        const bool is_text = node.kind == YamlNode::Kind::scalar;
        add_wrong_type(node, subject, "a list",
                       is_text ? "write `[" + source_of(node) + "]`" : "write `[...]`, or lines that begin with `- `");
        return false;
    }
    if (!node.items.empty() || may_be_empty) return true;
    add("SB0109", std::string(subject) + " is empty", node).hints.emplace_back("name at least one, or delete the key if it is optional");
    return false;
}

bool YamlReader::is_text(const YamlNode& node, std::string_view subject) {
    if (node.kind == YamlNode::Kind::scalar && !node.text.empty()) return true;
    if (node.kind == YamlNode::Kind::scalar) {
        add("SB0109", std::string(subject) + " is empty", node).hints.emplace_back("write a value, or delete the key if it is optional");
    } else {
        add_wrong_type(node, subject, "a text", node.kind == YamlNode::Kind::null ? "write a value" : "write a single value");
    }
    return false;
}

std::string YamlReader::source_of(const YamlNode& node) const {
    const std::string& line = m_document.line_of(node.line);
    const auto begin = std::min(static_cast<std::size_t>(node.column - 1), line.size());
    return line.substr(begin, static_cast<std::size_t>(node.width));
}

const YamlNode* YamlReader::find(const YamlNode& mapping, std::string_view key) {
    const auto found =
        std::find_if(mapping.entries.begin(), mapping.entries.end(), [&](const YamlEntry& entry) { return entry.key.text == key; });
    return found == mapping.entries.end() ? nullptr : &found->value;
}

std::vector<std::string> YamlReader::nearest_of(std::string_view word, const std::vector<std::string>& known) const {
    // the distance is quadratic: a file of nothing but unknown words must not cost seconds for lines that nobody is shown
    if (m_problems.size() > 10 * shown_problems) return {};
    return find_nearest(word, known);
}

void YamlReader::check_keys(const YamlNode& node, std::string_view subject, const std::vector<std::string>& known) {
    for (const YamlEntry& entry : node.entries) {
        if (std::find(known.begin(), known.end(), entry.key.text) != known.end()) continue;
        Diagnostic& problem = add("SB0106", "unknown key `" + entry.key.text + "` in " + std::string(subject), entry.key);
        problem.nearest = nearest_of(entry.key.text, known);
        problem.hints.push_back("known keys: " + all_of(known));
    }
}

void YamlReader::check_schema(const YamlNode& node) {
    if (!is_text(node, "`schema`") || node.text == "1") return;
    add("SB0110", "file format `" + node.text + "` is not known, this sagebuild reads 1", node)
        .hints.emplace_back("write `schema: 1`, or use a newer sagebuild");
}

void YamlReader::add_missing(const YamlNode& node, std::string_view subject, std::string_view key) {
    add("SB0107", std::string(subject) + " has no key `" + std::string(key) + "`", node).hints.push_back("add `" + std::string(key) + ":`");
}

void YamlReader::add_unknown(const YamlNode& node, std::string_view kind, const std::vector<std::string>& known) {
    Diagnostic& problem = add("SB0208", "unknown " + std::string(kind) + " `" + node.text + "`", node);
    problem.nearest = nearest_of(node.text, known);
    if (!known.empty()) problem.hints.push_back("write " + any_of(known));
}

std::optional<std::string> YamlReader::read_text(const YamlNode& node, std::string_view subject) {
    if (!is_text(node, subject)) return std::nullopt;
    return node.text;
}

std::optional<std::string> YamlReader::read_word(const YamlNode& node, std::string_view subject, const std::vector<std::string>& words) {
    if (!is_text(node, subject)) return std::nullopt;
    if (std::find(words.begin(), words.end(), node.text) != words.end()) return node.text;
    add_unknown(node, "value of " + std::string(subject) + ":", words);
    return std::nullopt;
}

std::optional<bool> YamlReader::read_bool(const YamlNode& node, std::string_view subject) {
    const auto word = read_word(node, subject, {"true", "false"});
    if (!word) return std::nullopt;
    return *word == "true";
}

std::optional<Version> YamlReader::read_version(const YamlNode& node, std::string_view subject, std::size_t low, std::size_t high,
                                                std::string_view example) {
    if (!is_text(node, subject)) return std::nullopt;
    auto version = parse_version(node.text);
    if (version && version->size() >= low && version->size() <= high) return version;
    const std::string parts = low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
    std::string wanted(example);
    std::string why = " is not a version";
    if (version) {
        why = " has " + std::to_string(version->size()) + (version->size() == 1 ? " part" : " parts") + ", not " + parts;
        if (version->size() > high) wanted = version->prefix(high).to_string();
        if (version->size() > 1 && version->size() < low) wanted = node.text + ".0";
    }
    add("SB0202", std::string(subject) + " `" + node.text + "`" + why, node).hints.push_back("write it like `" + wanted + "`");
    return std::nullopt;
}

std::optional<Arch> YamlReader::read_arch(const YamlNode& node, std::string_view subject) {
    if (!is_text(node, subject)) return std::nullopt;
    if (const auto arch = parse_arch(node.text)) return arch;
    Diagnostic& problem = add("SB0203", "`" + node.text + "` is not an arch", node);
    std::string_view name = node.text;
    for (const std::string_view prefix : {"sm_", "compute_", "sm"}) {
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    }
    const auto compiler_arch = parse_compiler_arch(name);
    problem.hints.push_back("write it like `" + (compiler_arch ? compiler_arch->to_string() : "8.9") + "`");
    return std::nullopt;
}

}  // namespace sagebuild
