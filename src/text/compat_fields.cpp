#include "text/compat_fields.hpp"

#include <algorithm>

namespace sagebuild::compat_field {

std::vector<Version> read_versions(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example) {
    std::vector<Version> versions;
    SeenOnce<Version> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        const auto version = reader.read_version(item, "version", 2, 2, example);
        if (version && seen.insert(reader, item, *version, "version `" + item.text + "` stands twice")) versions.push_back(*version);
    });
    std::sort(versions.begin(), versions.end());
    return versions;
}

std::vector<std::string> read_texts(YamlReader& reader, const YamlNode& node, std::string_view subject) {
    std::vector<std::string> texts;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        if (const auto text = reader.read_text(item, "an item of it")) texts.push_back(*text);
    });
    return texts;
}

std::optional<int> read_number(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example) {
    const auto version = reader.read_version(node, subject, 1, 1, example);
    return version ? std::optional(version->part(0)) : std::nullopt;
}

}  // namespace sagebuild::compat_field
