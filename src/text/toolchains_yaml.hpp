#pragma once

#include "core/compat.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

/// `toolchains:` of `matrix/compat/toolchains.yaml`: the pinned wheels of each CUDA release.
void read_cuda_toolchains(YamlReader& reader, const YamlNode& node, Compat& compat);

/// `host:`, the toolchain of the host library.
void read_host_toolchain(YamlReader& reader, const YamlNode& node, Compat& compat);

}  // namespace sagebuild
