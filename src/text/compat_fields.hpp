#pragma once

#include <string>
#include <string_view>

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

/// Values that the files of `matrix/compat/` have in common.
namespace sagebuild::compat_field {

// Facts that the files keep for their readers: only their type is checked.

template <typename Object>
void check_text(YamlReader& reader, const YamlNode& node, Object&) {
    reader.is_text(node, "this fact");
}

template <typename Object>
void check_texts(YamlReader& reader, const YamlNode& node, Object&) {
    reader.read_list(node, "this fact", false, [&](const YamlNode& item) { reader.is_text(item, "an item of it"); });
}

template <typename Object>
void check_mapping(YamlReader& reader, const YamlNode& node, Object&) {
    reader.is_mapping(node, "this fact");
}

/// A list of versions of exactly two parts, each once; ascending.
std::vector<Version> read_versions(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example);

/// A list of texts, in the order of the file.
std::vector<std::string> read_texts(YamlReader& reader, const YamlNode& node, std::string_view subject);

/// A whole number, such as a compiler's major version.
std::optional<int> read_number(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example);

/// Reads a mapping whose keys are versions of `parts` parts: `read(version, entry)` for each entry, so that its value is checked also where
/// the key is no version (`version` is empty then).
template <typename ReadEntry>
void read_by_version(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view key_subject, std::size_t parts,
                     std::string_view example, ReadEntry read) {
    if (!reader.is_mapping(node, subject)) return;
    for (const YamlEntry& entry : node.entries) {
        read(reader.read_version(entry.key, key_subject, parts, parts, example), entry);
    }
}

}  // namespace sagebuild::compat_field
