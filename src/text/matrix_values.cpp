#include "text/matrix_values.hpp"

namespace sagebuild {

void add_illegal_name(YamlReader& reader, const YamlNode& node, std::string_view subject, NameKind kind, const std::string& fault) {
    Diagnostic& problem = reader.add("SB0206", std::string(subject) + " `" + node.text + "` " + fault, node);
    problem.hints.push_back("write " + std::string(name_rule(kind)));
}

std::optional<Located<std::string>> read_name(YamlReader& reader, const YamlNode& node, std::string_view subject, NameKind kind) {
    if (!reader.is_text(node, subject)) return std::nullopt;
    if (const auto fault = find_name_fault(node.text, kind)) {
        add_illegal_name(reader, node, subject, kind, *fault);
        return std::nullopt;
    }
    return reader.locate(node, node.text);
}

std::optional<Located<std::string>> read_path(YamlReader& reader, const YamlNode& node, std::string_view subject) {
    if (!reader.is_text(node, subject)) return std::nullopt;
    if (const auto fault = find_path_fault(node.text)) {
        reader.add("SB0209", std::string(subject) + " `" + node.text + "` " + *fault, node)
            .hints.emplace_back("write a relative path of letters, digits and `._+-`, parts joined by `/`");
        return std::nullopt;
    }
    return reader.locate(node, node.text);
}

std::optional<Located<std::string>> read_requirement(YamlReader& reader, const YamlNode& node, std::string_view subject) {
    if (!reader.is_text(node, subject)) return std::nullopt;
    if (is_minimum(node.text)) return reader.locate(node, node.text);
    const std::string example = parse_version(node.text) ? node.text : "3.9";
    reader.add("SB0210", std::string(subject) + " `" + node.text + "` is not a minimum", node)
        .hints.push_back("write `>=` and a version, like `>=" + example + "`; a row names the exact versions");
    return std::nullopt;
}

std::vector<std::string> read_paths(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view item_subject) {
    std::vector<std::string> paths;
    SeenOnce<std::string> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        const auto path = read_path(reader, item, item_subject);
        if (path && seen.insert(reader, item, path->value, std::string(item_subject) + " `" + path->value + "` stands twice"))
            paths.push_back(path->value);
    });
    return paths;
}

std::vector<Located<Arch>> read_archs(YamlReader& reader, const YamlNode& node, std::string_view subject) {
    std::vector<Located<Arch>> archs;
    SeenOnce<Arch> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        const auto arch = reader.read_arch(item, "an arch");
        if (arch && seen.insert(reader, item, *arch, "arch `" + item.text + "` stands twice in " + std::string(subject))) {
            archs.push_back(reader.locate(item, *arch));
        }
    });
    return archs;
}

std::vector<Located<std::string>> read_texts(YamlReader& reader, const YamlNode& node, std::string_view subject,
                                             std::string_view item_subject) {
    std::vector<Located<std::string>> texts;
    SeenOnce<std::string> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        const auto text = reader.read_text(item, item_subject);
        if (text && seen.insert(reader, item, *text, std::string(item_subject) + " `" + *text + "` stands twice"))
            texts.push_back(reader.locate(item, *text));
    });
    return texts;
}

std::optional<Located<Version>> read_release(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example) {
    const auto version = reader.read_version(node, subject, 3, 3, example);
    return version ? std::optional(reader.locate(node, *version)) : std::nullopt;
}

}  // namespace sagebuild
