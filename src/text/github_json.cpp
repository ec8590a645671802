#include "text/github_json.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

namespace {

using Json = nlohmann::json;

Diagnostic unreadable(std::string cause) {
    return {.code = "SB0564", .what = "the answer of the release API cannot be understood", .causes = {std::move(cause)}};
}

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

bool flag_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_boolean() && found->get<bool>();
}

bool has_number(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_unsigned();
}

/// `sha256:` and 64 hexadecimal digits, or nothing.
std::string sha256_of(std::string digest) {
    constexpr std::string_view prefix = "sha256:";
    if (!digest.starts_with(prefix)) return "";
    digest.erase(0, prefix.size());
    for (char& letter : digest) {
        if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string::npos ? digest : "";
}

Result<ReleaseAsset> asset_from(const Json& json) {
    if (!json.is_object()) return unreadable("one of the assets is no object");
    if (!has_number(json, "id") || !has_number(json, "size") || text_at(json, "name").empty())
        return unreadable("one of the assets has no `id`, `size` or `name`");
    return ReleaseAsset{.id = json["id"].get<std::uint64_t>(),
                        .name = text_at(json, "name"),
                        .size = json["size"].get<std::uint64_t>(),
                        .sha256 = sha256_of(text_at(json, "digest")),
                        .state = text_at(json, "state") == "uploaded" ? AssetState::uploaded : AssetState::starter,
                        .url = text_at(json, "browser_download_url"),
                        .api_url = text_at(json, "url"),
                        .updated_at = text_at(json, "updated_at")};
}

Result<std::vector<ReleaseAsset>> assets_from(const Json& json) {
    if (!json.is_array()) return unreadable("it is no list of assets");
    std::vector<ReleaseAsset> assets;
    for (const Json& each : json) {
        SAGEBUILD_TRY(ReleaseAsset asset, asset_from(each));
        assets.push_back(std::move(asset));
    }
    return assets;
}

Result<Release> release_from(const Json& json) {
    if (!json.is_object() || !has_number(json, "id")) return unreadable("it is no release with an `id`");
    Release release{.id = json["id"].get<std::uint64_t>(),
                    .tag = text_at(json, "tag_name"),
                    .name = text_at(json, "name"),
                    .body = text_at(json, "body"),
                    .html_url = text_at(json, "html_url"),
                    .upload_url = text_at(json, "upload_url"),
                    .draft = flag_at(json, "draft"),
                    .prerelease = flag_at(json, "prerelease"),
                    .immutable = flag_at(json, "immutable")};
    if (json.contains("assets")) {
        SAGEBUILD_TRY(release.assets, assets_from(json["assets"]));
    }
    return release;
}

std::string rendered(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<Release> parse_release(std::string_view text) {
    return release_from(Json::parse(text, nullptr, false));
}

Result<std::vector<Release>> parse_releases(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return unreadable("it is no list of releases");
    std::vector<Release> releases;
    for (const Json& each : json) {
        SAGEBUILD_TRY(Release release, release_from(each));
        releases.push_back(std::move(release));
    }
    return releases;
}

Result<ReleaseAsset> parse_release_asset(std::string_view text) {
    return asset_from(Json::parse(text, nullptr, false));
}

Result<std::vector<ReleaseAsset>> parse_release_assets(std::string_view text) {
    return assets_from(Json::parse(text, nullptr, false));
}

std::string parse_github_message(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return "";
    std::string message = text_at(json, "message");
    const auto errors = json.find("errors");
    if (errors == json.end() || !errors->is_array()) return message;
    for (const Json& error : *errors) {
        std::string part = error.is_string() ? error.get<std::string>() : "";
        if (error.is_object()) part = text_at(error, "message").empty() ? text_at(error, "code") : text_at(error, "message");
        if (error.is_object() && !text_at(error, "field").empty()) part = text_at(error, "field") + ": " + part;
        if (!part.empty()) message += (message.empty() ? "" : "; ") + part;
    }
    return message;
}

std::string render_release_request(const ReleaseDraft& draft) {
    Json json = {
        {"tag_name", draft.tag}, {"name", draft.name}, {"body", draft.body}, {"draft", draft.draft}, {"prerelease", draft.prerelease}};
    if (!draft.target.empty()) json["target_commitish"] = draft.target;
    return rendered(json);
}

std::string render_asset_name_request(std::string_view name) {
    return rendered(Json{{"name", name}});
}

}  // namespace sagebuild
