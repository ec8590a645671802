#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bake.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Value of an environment variable, nothing if it is unset.
using VariableLookup = std::function<std::optional<std::string>(const std::string&)>;

/// What `docker buildx bake --print NAME...` answers for the file that render_bake_hcl() makes, byte for byte, in an environment.
/// @param names targets and groups of the file; none: `default`
std::string render_bake_json(const BakeFile& file, const std::vector<std::string>& names, const VariableLookup& environment);

/// The value of one of a target's build arguments in an environment, nothing if it has none.
std::optional<std::string> find_bake_argument(const BakeFile& file, const BakeTarget& target, const std::string& name,
                                              const VariableLookup& environment);

}  // namespace sagebuild
