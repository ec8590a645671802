#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sagebuild {

/// `starter` is an upload that has begun and not ended (GitHub, «Upload a release asset»); every state but `uploaded` counts as that.
enum class AssetState { uploaded, starter };

struct ReleaseAsset {
    std::uint64_t id = 0;
    std::string name = {};
    std::uint64_t size = 0;
    std::string sha256 = {};  ///< of `digest`, lower-case hex; empty if the server does not tell it
    AssetState state = AssetState::uploaded;
    std::string url = {};         ///< `browser_download_url`
    std::string api_url = {};     ///< `url`
    std::string updated_at = {};  ///< ISO 8601 UTC

    bool operator==(const ReleaseAsset&) const = default;
};

struct Release {
    std::uint64_t id = 0;
    std::string tag = {};
    std::string name = {};
    std::string body = {};
    std::string html_url = {};
    std::string upload_url = {};  ///< a URI template
    bool draft = false;
    bool prerelease = false;
    bool immutable = false;
    std::vector<ReleaseAsset> assets = {};

    bool operator==(const Release&) const = default;
};

/// What a release is created with or changed to.
struct ReleaseDraft {
    std::string tag = {};
    std::string target = {};  ///< branch or commit of a tag that does not exist yet; empty: the default branch
    std::string name = {};
    std::string body = {};
    bool draft = true;
    bool prerelease = false;
};

}  // namespace sagebuild
