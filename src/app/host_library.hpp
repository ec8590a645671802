#pragma once

#include "app/edges.hpp"
#include "core/recipe.hpp"

namespace sagebuild {

/// Compiles and links the shared library of the recipe with zig, for the recipe's CPU and glibc 2.17. The bytes do not depend on where
/// project, cache and build directory lie. Error SB0555 quotes the compiler.
Result<> run_host_library_step(const HostLibraryRecipe& recipe, const Edges& edges);

}  // namespace sagebuild
