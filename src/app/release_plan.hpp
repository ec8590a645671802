#pragma once

#include <string>
#include <vector>

#include "app/github.hpp"
#include "app/release_files.hpp"
#include "core/release_plan.hpp"

namespace sagebuild {

/// What `release plan` and `release upload` are asked for.
struct ReleaseRequest {
    GitHubRequest github = {};
    std::string tag = {};
    std::vector<std::string> from = {};
    std::string matrix_directory = {};
    bool replaces = false;
    std::string reason = {};  ///< why bytes are replaced
    bool stays_draft = false;
    RequestBudget budget = {};
};

/// What has to be done for a tag, with nothing done yet. Without a token drafts are not seen.
Result<ReleasePlan> plan_release(const ReleaseRequest& request, const Edges& edges);

/// The same for files that were loaded; digests that the server does not tell are computed from a download.
Result<ReleasePlan> plan_release_files(const ReleaseRequest& request, const std::vector<OutgoingFile>& files, GitHub& github);

/// SHA-256 of an asset, read as often as it takes.
Result<std::string> hash_asset(GitHub& github, const ReleaseAsset& asset);

/// SB0623 for a tag that git would refuse (git-check-ref-format).
Result<> check_tag(const std::string& tag);

}  // namespace sagebuild
