#include "app/github_release_source.hpp"

#include <algorithm>

#include "core/nearest.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

std::string GitHubReleaseSource::shown() const {
    return m_github.repository().shown() + "@" + m_release.tag + (m_release.draft ? " (a draft)" : "");
}

Result<std::vector<std::string>> GitHubReleaseSource::list() {
    std::vector<std::string> names;
    for (const ReleaseAsset& asset : m_release.assets) names.push_back(asset.name);
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> GitHubReleaseSource::read(const std::string& name) {
    const auto asset =
        std::find_if(m_release.assets.begin(), m_release.assets.end(), [&](const ReleaseAsset& each) { return each.name == name; });
    const std::string shown_name = "`" + printable(name, 160) + "`";
    if (asset->state == AssetState::starter) return Diagnostic{.code = "SB0644", .what = "the upload of " + shown_name + " never ended"};
    std::string bytes;
    SAGEBUILD_CHECK(m_github.download_asset(*asset, [&bytes](std::string_view piece) -> Result<> {
        bytes += piece;
        return Unit{};
    }));
    if (bytes.size() != asset->size) {
        return Diagnostic{
            .code = "SB0646",
            .what = shown_name + " came with " + std::to_string(bytes.size()) + " bytes; the server states " + std::to_string(asset->size)};
    }
    if (const std::string digest = sha256_hex(bytes); !asset->sha256.empty() && digest != asset->sha256) {
        return Diagnostic{.code = "SB0646",
                          .what = shown_name + " has the SHA-256 `" + digest + "`, the server states `" + asset->sha256 + "`"};
    }
    return bytes;
}

Result<Release> find_release_of_tag(GitHub& github, const std::string& tag) {
    SAGEBUILD_TRY(std::optional<Release> release, github.find_release(tag));
    if (release) return std::move(*release);
    SAGEBUILD_TRY(const std::vector<Release> releases, github.list_releases());
    std::vector<std::string> tags;
    for (const Release& each : releases) tags.push_back(each.tag);
    return Diagnostic{.code = "SB0652",
                      .what = "`" + github.repository().shown() + "` has no release `" + printable(tag, 120) + "`",
                      .nearest = find_nearest(tag, tags)};
}

}  // namespace sagebuild
