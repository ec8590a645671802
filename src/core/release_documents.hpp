#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/published_wheel.hpp"

namespace sagebuild {

/// A file of a release that speaks of the others.
struct ReleaseDocument {
    std::string name;
    std::string bytes;

    bool operator==(const ReleaseDocument&) const = default;
};

/// What a document states of one file.
struct StatedDigest {
    std::string name;
    std::string sha256;  ///< 64 lower-case hex digits

    auto operator<=>(const StatedDigest&) const = default;
};

inline constexpr std::string_view checksums_name = "SHA256SUMS";
inline constexpr std::string_view provenance_ending = ".provenance.intoto.json";
inline constexpr std::string_view sbom_ending = ".sbom.zip";

/// What provenance and SBOM are named after: `sageattention-2.2.0` for wheels of one release of one project, `sageattention` for several
/// releases of it, `release` for several projects. Local versions count as the release they are built of.
std::string release_stem(const std::vector<PublishedWheel>& wheels);

/// 64 lower-case hex digits.
bool is_sha256(std::string_view text);

/// Whether a release may hold a file of this name: no path, no control characters, no leading dot or dash.
bool is_asset_name(std::string_view name);

}  // namespace sagebuild
