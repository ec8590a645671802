#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/matrix.hpp"
#include "text/matrix_names.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

// Values of package matrices. `subject` is how diagnostics call the value; one with a problem is empty and the problem is in the reader.

/// A name that `find_name_fault` refuses; for names that are read in parts.
void add_illegal_name(YamlReader& reader, const YamlNode& node, std::string_view subject, NameKind kind, const std::string& fault);
/// A name of the given kind.
std::optional<Located<std::string>> read_name(YamlReader& reader, const YamlNode& node, std::string_view subject, NameKind kind);
/// A relative path below its directory.
std::optional<Located<std::string>> read_path(YamlReader& reader, const YamlNode& node, std::string_view subject);
/// `>=3.9`.
std::optional<Located<std::string>> read_requirement(YamlReader& reader, const YamlNode& node, std::string_view subject);
/// Lists without repeated items, never empty.
std::vector<std::string> read_paths(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view item_subject);
std::vector<Located<Arch>> read_archs(YamlReader& reader, const YamlNode& node, std::string_view subject);
std::vector<Located<std::string>> read_texts(YamlReader& reader, const YamlNode& node, std::string_view subject,
                                             std::string_view item_subject);
/// A version of three parts, `12.9.1`.
std::optional<Located<Version>> read_release(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example);

/// Assigns what was read; a value with a problem leaves the default, with which only `read_package_matrix` is content.
template <typename Value, typename Field>
void store(std::optional<Value> value, Field& field) {
    if (value) field = *std::move(value);
}

}  // namespace sagebuild
