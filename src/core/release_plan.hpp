#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/http_retry.hpp"
#include "core/release.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// A file that a release shall have.
struct OutgoingFile {
    std::string name;
    std::string path = {};   ///< empty: `bytes`
    std::string bytes = {};  ///< of a document that was made for the release
    std::uint64_t size = 0;
    std::string sha256 = {};

    bool is_document() const { return path.empty(); }
    bool is_same_as(const ReleaseAsset& asset) const { return asset.size == size && asset.sha256 == sha256; }
};

enum class AssetAction { upload, keep, replace };

struct PlannedFile {
    OutgoingFile file;
    AssetAction action = AssetAction::upload;
    std::optional<ReleaseAsset> existing = {};  ///< of that name, complete or not
    bool is_refused = false;                    ///< it would be replaced and may not be
    std::optional<ReleaseAsset> staged = {};    ///< the same under `staged_name`, left by a run that was stopped while replacing
};

struct ReleasePlanOptions {
    bool replaces = false;  ///< other bytes under a name that is taken
    bool publishes = true;
    RequestBudget budget = {};
};

struct ReleasePlan {
    std::optional<Release> release = {};  ///< as it is; empty: there is none
    std::vector<PlannedFile> files = {};  ///< by name
    bool publishes = false;               ///< a draft becomes public
    Diagnostics problems = {};            ///< why it is not carried out: SB0624, SB0626, SB0629, SB0630

    std::size_t count(AssetAction action) const;
    std::uint64_t bytes_to_send() const;
    /// Requests that create content, and the seconds that the budget makes of them.
    std::size_t creating_requests() const;
    double paced_seconds = 0;
};

/// What has to be done so that a release has exactly these files besides what else is in it. Assets of one name and size need their digest.
ReleasePlan make_release_plan(std::vector<OutgoingFile> files, const std::optional<Release>& release, const ReleasePlanOptions& options);

/// Assets that decide whether a file can be kept, but whose digest the server does not tell: they have to be read.
std::vector<const ReleaseAsset*> find_unknown_digests(const std::vector<OutgoingFile>& files, const Release& release);

/// Why a release with these assets is not what was planned: SB0628, one for each file that is missing, incomplete or has other bytes.
Diagnostics check_released(const std::vector<OutgoingFile>& files, const std::vector<ReleaseAsset>& assets);

/// Where the bytes of a published release lie until those that they replace are gone.
std::string staged_name(const std::string& name);

}  // namespace sagebuild
