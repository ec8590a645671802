#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/github.hpp"
#include "core/compat.hpp"
#include "core/published_wheel.hpp"
#include "core/result.hpp"
#include "edge/file_stamps.hpp"
#include "text/simple_index_state.hpp"
#include "text/variants_json.hpp"

namespace sagebuild {

/// A wheel that goes into an index.
struct IndexedWheel {
    PublishedWheel wheel;
    std::string copied_from;                   ///< the file that becomes part of the index; empty: it stays at its URL
    std::string metadata_sha256;               ///< of METADATA inside, empty: not known
    bool serves_metadata = false;              ///< METADATA lies beside the wheel's URL, or will
    std::optional<WheelVariant> variant = {};  ///< what is copied is made of the file: a variant wheel
    std::string identity = {};                 ///< as IndexState::Key has it; empty: the wheel was not opened
};

struct IndexSources {
    std::vector<IndexedWheel> wheels;  ///< in the order of the sources, each by name
    Diagnostics warnings;              ///< names that are no wheel's
};

/// What the sources offer. Wheels of this machine and of releases are opened, once: what `known` remembers is not read again.
/// Codes SB0662, SB0663, SB0665, SB0667, those of wheels and of HTTP.
/// `access`: the API and the token of releases.
Result<IndexSources> load_index_sources(const std::vector<std::string>& from, const GitHubRequest& access, const Compat& compat,
                                        const IndexState& known, const Edges& edges, const FileStamps& stamps);

/// The part of a wheel that `IndexState` remembers.
KnownWheel remember_wheel(const IndexedWheel& wheel);

}  // namespace sagebuild
