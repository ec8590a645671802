#pragma once

#include <string>
#include <string_view>

#include "core/recipe.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// A recipe as the JSON that `sagebuild step` reads; `parse_recipe(render_recipe(recipe))` is equal to `recipe`.
std::string render_recipe(const Recipe& recipe);

/// Error SB0505 names the member that is missing or of the wrong type.
Result<Recipe> parse_recipe(std::string_view json);

}  // namespace sagebuild
