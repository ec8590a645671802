#pragma once

#include <vector>

#include "core/published_wheel.hpp"
#include "core/release_documents.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// `<stem>.provenance.intoto.json`, `<stem>.sbom.zip` and, over these and the wheels, `SHA256SUMS`, for wheels that were opened. The same
/// wheels in any order give the same bytes. SB0640: no wheels, or two of one name.
Result<std::vector<ReleaseDocument>> make_release_documents(std::vector<PublishedWheel> wheels);

}  // namespace sagebuild
