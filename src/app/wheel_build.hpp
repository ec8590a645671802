#pragma once

#include <string>

#include "app/edges.hpp"
#include "core/recipe.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Packs one wheel as the recipe says, checks it as `wheel verify` does, and writes it to the recipe's output. The same inputs give the
/// same bytes in any directory and time zone.
Result<> run_wheel_step(const WheelRecipe& recipe, const Edges& edges);

/// `_build.py` of the Python package: what the package says about itself at run time.
std::string render_build_module(const Target& target);

}  // namespace sagebuild
