#pragma once

#include <string>

#include "core/target.hpp"

namespace sagebuild {

/// `28` for 2.8.0: major and minor joined, as target and group names write versions.
std::string joined_digits(const Version& version);

/// The only maker of target names: `linux-sage2-pytorch28-cu129-python312`, `linux-sage2-universal-x86_64`.
std::string make_target_name(const Target& target, const std::string& package_short_name);

}  // namespace sagebuild
