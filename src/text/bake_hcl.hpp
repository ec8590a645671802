#pragma once

#include <string>

#include "core/bake.hpp"

namespace sagebuild {

/// docker-bake.hcl, in the form that `hclfmt` leaves alone.
std::string render_bake_hcl(const BakeFile& file);

}  // namespace sagebuild
