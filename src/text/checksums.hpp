#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/release_documents.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// `SHA256SUMS` as `sha256sum -c` of the GNU coreutils reads it: `<hex>  <name>`, sorted by name.
std::string render_checksums(std::vector<StatedDigest> files);

/// From untrusted text: names with and without the `*` of binary mode. Refused with SB0641, all problems at once.
Result<std::vector<StatedDigest>> parse_checksums(std::string_view text, const std::string& file);

}  // namespace sagebuild
