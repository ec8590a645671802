#pragma once

#include <string>
#include <vector>

#include "app/matrix_load.hpp"
#include "core/bake.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The names that buildx is to be asked for: a word that is a target or group of docker-bake.hcl stands for itself, others are selectors
/// of targets. No word: `default`. Error SB0301 says why a package is left out, SB0310 that there is no such test.
Result<std::vector<std::string>> select_bake_names(const LoadedMatrix& loaded, const BakeFile& bake, const std::vector<std::string>& words);

/// The wheel targets that some names of docker-bake.hcl mean, each once, in matrix order.
std::vector<const BakeTarget*> find_bake_targets(const BakeFile& bake, const std::vector<std::string>& names);

}  // namespace sagebuild
