#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `minimum:` and `shipped:` of `matrix/compat/drivers.yaml`: which driver runs what.
void read_minimum_drivers(YamlReader& reader, const YamlNode& node, Compat& compat);
void read_shipped_drivers(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
