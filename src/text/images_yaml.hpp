#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `repository:`, `tag:`, `images:` and `systems:` of `matrix/compat/images.yaml`: the container images with compilers.
void read_image_repository(YamlReader& reader, const YamlNode& node, Compat& compat);
void read_image_tag(YamlReader& reader, const YamlNode& node, Compat& compat);
void read_images(YamlReader& reader, const YamlNode& node, Compat& compat);
void read_image_systems(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
