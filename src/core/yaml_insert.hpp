#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/version.hpp"

namespace sagebuild {

// New lines for YAML in block style; every other byte stays as it is, line ends too. Empty where the place for a line is not found.

/// After the last entry of the top-level sequence `key`, indented as its entries are; `item` is `- {...}`.
std::optional<std::string> insert_item(std::string_view text, std::string_view key, std::string_view item);

/// After the last entry of the top-level mapping `torch`; `entry` has its indentation already.
std::optional<std::string> insert_torch_release(std::string_view text, std::string_view entry);

/// After the last of `variants` of one torch minor; a line of `unverified` for the same CUDA minor goes.
std::optional<std::string> insert_torch_variant(std::string_view text, const Version& torch, const Version& cuda, std::string_view line);

/// `name: "text"` behind the last entry of the top-level mapping `sources`, unless it is there or there are no sources.
std::string insert_source(std::string_view text, std::string_view name, std::string_view description);

}  // namespace sagebuild
