#include "app/release_plan.hpp"

#include <algorithm>

#include "text/sha256.hpp"

namespace sagebuild {

Result<> check_tag(const std::string& tag) {
    const auto is_illegal = [](char letter) {
        return static_cast<unsigned char>(letter) <= 0x20 || letter == 0x7f ||
               std::string_view("~^:?*[\\").find(letter) != std::string_view::npos;
    };
    const bool is_legal = !tag.empty() && tag.size() <= 200 && std::none_of(tag.begin(), tag.end(), is_illegal) &&
                          tag.find("..") == std::string::npos && tag.find("@{") == std::string::npos &&
                          tag.find("//") == std::string::npos && tag.front() != '/' && tag.front() != '-' && tag.back() != '/' &&
                          tag.back() != '.' && !tag.ends_with(".lock");
    if (is_legal) return Unit{};
    return Diagnostic{
        .code = "SB0623", .what = "`" + printable(tag, 120) + "` is no tag that git would take", .hints = {"write `--tag v1.2.3`"}};
}

Result<std::string> hash_asset(GitHub& github, const ReleaseAsset& asset) {
    for (int attempt = 1;; ++attempt) {
        Sha256 hash;
        auto done = github.download_asset(asset, [&hash](std::string_view piece) -> Result<> {
            hash.update(piece);
            return Unit{};
        });
        if (done) return hash.finish_hex();
        const std::string& code = done.errors().front().code;
        const bool passes_by = code == "SB0605" || code == "SB0608";
        if (!passes_by || attempt == github.patience().attempts) return std::move(done).errors();
        github.wait(done.errors().front().what, retry_delay({}, attempt, {.base_seconds = github.patience().base_seconds}));
    }
}

Result<ReleasePlan> plan_release_files(const ReleaseRequest& request, const std::vector<OutgoingFile>& files, GitHub& github) {
    SAGEBUILD_TRY(std::optional<Release> release, github.find_release(request.tag));
    if (release) {
        std::vector<std::uint64_t> unknown;
        for (const ReleaseAsset* asset : find_unknown_digests(files, *release)) unknown.push_back(asset->id);
        for (ReleaseAsset& asset : release->assets) {
            if (std::find(unknown.begin(), unknown.end(), asset.id) == unknown.end()) continue;
            SAGEBUILD_TRY(asset.sha256, hash_asset(github, asset));
        }
    }
    return make_release_plan(files, release, {.replaces = request.replaces, .publishes = !request.stays_draft, .budget = request.budget});
}

Result<ReleasePlan> plan_release(const ReleaseRequest& request, const Edges& edges) {
    SAGEBUILD_CHECK(check_tag(request.tag));
    SAGEBUILD_TRY(GitHubRepository repository, load_github_repository(request.github, edges));
    SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(edges.environment));
    SAGEBUILD_TRY(const ReleaseContents contents,
                  load_release_contents(request.from, !request.stays_draft, request.matrix_directory, edges));
    patience.budget = request.budget;
    GitHub github(edges, std::move(repository), std::move(patience));
    return plan_release_files(request, contents.files, github);
}

}  // namespace sagebuild
