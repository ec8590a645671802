#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/published_wheel.hpp"
#include "core/release_documents.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// The bill of materials of a wheel that was opened (CycloneDX 1.6, JSON): the wheel with its digest, what METADATA requires, and as
/// excluded components the tools that its manifest names.
std::string render_sbom(const PublishedWheel& wheel);

/// A zip archive of one bill per wheel, `<wheel>.cdx.json`, in their order.
Result<std::string> make_sbom_archive(const std::vector<PublishedWheel>& wheels);

/// Wheels and digests of an untrusted archive. Refused with SB0643, all problems at once.
Result<std::vector<StatedDigest>> parse_sbom_archive(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
