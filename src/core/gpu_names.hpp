#pragma once

#include <string_view>

#include "core/compat.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The compute capability of a GPU that a user names: `8.9`, or a product such as `RTX 4090` or `NVIDIA H100 80GB HBM3`. An unknown
/// name is answered with the nearest ones (SB0423).
Result<Arch> find_gpu(std::string_view text, const Compat& compat);

}  // namespace sagebuild
