#pragma once

#include "app/edges.hpp"
#include "core/recipe.hpp"

namespace sagebuild {

/// Makes the recipe's directory unless it is complete already: fetches the wheels with pip or uv, which check their sha256, and keeps of
/// them what builds need. Builds that run at once wait for each other, so each wheel is downloaded once. Errors: SB0550 to SB0554.
Result<> run_toolchain_step(const ToolchainRecipe& recipe, const Edges& edges);

}  // namespace sagebuild
