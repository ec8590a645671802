#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `torch:` of `matrix/compat/torch.yaml`: what each torch minor is released for.
void read_torch(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
