#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sagebuild {

/// The package URL (purl specification) of a Python distribution: `pkg:pypi/sageattention@2.2.0`; without a version if that is empty.
std::string pypi_purl(std::string_view distribution, std::string_view version);

/// Of something that no registry has: `pkg:generic/zig@0.15.2`.
std::string generic_purl(std::string_view name, std::string_view version);

/// `zig-0.15.2` and `sagebuild 0.1.0` as name and version, split at the last `separator`; the version is empty if nothing like one is
/// there.
std::pair<std::string, std::string> split_tool(std::string_view text, char separator);

}  // namespace sagebuild
