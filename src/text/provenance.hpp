#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/published_wheel.hpp"
#include "core/release_documents.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// One in-toto statement (Statement v1) with a SLSA provenance predicate (v1) over all wheels, in their order. How they were built is what
/// their manifests say; a wheel of another tool is a subject only. Nothing is signed.
std::string render_provenance(const std::vector<PublishedWheel>& wheels);

/// The subjects of an untrusted statement. Refused with SB0642, all problems at once.
Result<std::vector<StatedDigest>> parse_provenance(std::string_view text, const std::string& file);

}  // namespace sagebuild
