#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `systems:` of `matrix/compat/base-images.yaml`.
void read_base_systems(YamlReader& reader, const YamlNode& node, Compat& compat);

/// `base_images:` of `matrix/compat/base-images.yaml`; read after the systems, which it names.
void read_base_images(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
