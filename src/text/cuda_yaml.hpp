#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `cuda:` of `matrix/compat/cuda.yaml`: what each toolkit minor compiles.
void read_cuda(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
