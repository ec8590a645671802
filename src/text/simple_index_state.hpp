#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/version.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// What was found in a wheel when it was opened.
struct KnownWheel {
    std::optional<CandidateContent> content;
    std::string sha256;
    std::uint64_t size = 0;
    std::string requires_python;
    std::optional<Version> torch;
    std::optional<Version> cuda;
    std::string metadata_sha256;  ///< of its METADATA
};

/// `.sagebuild-index.json`: which files of a site earlier runs wrote, and what they found in wheels, so that no wheel is read twice.
struct IndexState {
    /// By name and by what tells that the bytes are still the same: `sha256=...` of a published file, size and time of one here.
    using Key = std::pair<std::string, std::string>;

    std::vector<std::string> files;  ///< relative to the site's root, sorted
    std::map<Key, KnownWheel> wheels;
};

std::string render_index_state(const IndexState& state);
/// Refused with SB0668 if it is none, or if a path in it leaves the site.
Result<IndexState> parse_index_state(std::string_view text, const std::string& file);

}  // namespace sagebuild
