#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `gpus:` of `matrix/compat/gpus.yaml`: GPUs by compute capability.
void read_gpus(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
