#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `torch:` of `matrix/compat/torch.yaml`: what each torch minor is released for.
void read_torch(YamlReader& reader, const YamlNode& node, Compat& compat);

/// `index:`, the address of torch's own package index.
void read_torch_index(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
