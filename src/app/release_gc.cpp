#include "app/release_gc.hpp"

#include <algorithm>

#include "core/release_body.hpp"

namespace sagebuild {

namespace {

bool is_published(const std::vector<Release>& releases, const std::string& tag) {
    return std::any_of(releases.begin(), releases.end(), [&tag](const Release& each) { return !each.draft && each.tag == tag; });
}

Result<std::vector<Leftover>> find_leftovers(const GcRequest& request, GitHub& github) {
    SAGEBUILD_TRY(std::vector<Release> releases, github.list_releases());
    std::sort(releases.begin(), releases.end(), [](const Release& left, const Release& right) { return left.id < right.id; });
    std::vector<Leftover> found;
    for (const Release& release : releases) {
        if (!request.tag.empty() && release.tag != request.tag) continue;
        SAGEBUILD_TRY(const std::vector<ReleaseAsset> assets, github.list_assets(release.id));
        const bool is_ours = release.draft && has_draft_marker(release.body);
        const bool has_complete =
            std::any_of(assets.begin(), assets.end(), [](const auto& each) { return each.state == AssetState::uploaded; });
        if (is_ours && (!has_complete || request.unfinished_too || is_published(releases, release.tag))) {
            found.push_back({.tag = release.tag, .release_id = release.id, .files = assets.size()});
            continue;
        }
        if (release.draft && !is_ours) continue;
        for (const ReleaseAsset& asset : assets) {
            if (asset.state != AssetState::uploaded)
                found.push_back({.tag = release.tag, .release_id = release.id, .asset = asset.name, .asset_id = asset.id});
        }
    }
    return found;
}

}  // namespace

Result<std::vector<Leftover>> collect_leftovers(const GcRequest& request, const Edges& edges) {
    SAGEBUILD_TRY(GitHubRepository repository, load_github_repository(request.github, edges));
    SAGEBUILD_CHECK(require_token(repository));
    SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(edges.environment));
    GitHub github(edges, std::move(repository), std::move(patience));
    SAGEBUILD_TRY(const std::vector<Leftover> found, find_leftovers(request, github));
    if (request.is_dry) return found;
    for (const Leftover& each : found) {
        SAGEBUILD_CHECK(each.asset.empty() ? github.delete_release(each.release_id) : github.delete_asset(each.asset_id));
    }
    return found;
}

}  // namespace sagebuild
