#pragma once

#include <string>
#include <vector>

#include "app/github.hpp"

namespace sagebuild {

struct GcRequest {
    GitHubRequest github = {};
    std::string tag = {};         ///< empty: all releases
    bool unfinished_too = false;  ///< drafts of this tool that have files
    bool is_dry = false;
};

/// What uploads left behind.
struct Leftover {
    std::string tag;
    std::uint64_t release_id = 0;
    std::string asset = {};  ///< empty: the draft itself
    std::uint64_t asset_id = 0;
    std::size_t files = 0;  ///< of the draft
};

/// Removes drafts that this tool made and that are empty or whose tag was published otherwise, and assets that are not complete; with
/// `unfinished_too` also this tool's other drafts. Complete assets of published releases and drafts of other people are never touched.
/// SB0621 no token.
Result<std::vector<Leftover>> collect_leftovers(const GcRequest& request, const Edges& edges);

}  // namespace sagebuild
