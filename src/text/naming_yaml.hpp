#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `schemes` of naming.yaml.
void read_naming_schemes(YamlReader& reader, const YamlNode& node, Compat& compat);

/// `modules` of naming.yaml.
void read_foreign_modules(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
