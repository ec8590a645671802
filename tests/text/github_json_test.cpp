#include "text/github_json.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

const std::string digest = std::string(62, 'a') + "bc";

template <typename Value>
std::string refusal(const Result<Value>& result) {
    return result ? "" : render_diagnostics(result.errors());
}

TEST(GitHubJson, AReleaseIsRead) {
    const auto release = parse_release(
        R"({"id": 12, "tag_name": "v2", "name": null, "body": "text", "draft": true, "prerelease": true, "immutable": true,
            "html_url": "https://github.com/o/r/releases/tag/v2", "upload_url": "https://uploads.github.com/x{?name,label}",
            "assets": [{"id": 3, "name": "a.whl", "size": 9, "state": "uploaded", "digest": "sha256:)" +
        digest + R"(", "updated_at": "2026-01-01T00:00:00Z",
            "url": "https://api.github.com/a", "browser_download_url": "https://github.com/a.whl"}]})");
    ASSERT_TRUE(release);
    const Release wanted = {.id = 12,
                            .tag = "v2",
                            .body = "text",
                            .html_url = "https://github.com/o/r/releases/tag/v2",
                            .upload_url = "https://uploads.github.com/x{?name,label}",
                            .draft = true,
                            .prerelease = true,
                            .immutable = true,
                            .assets = {{.id = 3,
                                        .name = "a.whl",
                                        .size = 9,
                                        .sha256 = digest,
                                        .url = "https://github.com/a.whl",
                                        .api_url = "https://api.github.com/a",
                                        .updated_at = "2026-01-01T00:00:00Z"}}};
    EXPECT_EQ(*release, wanted);
}

TEST(GitHubJson, AssetsWithoutDigestAndInOtherStates) {
    const auto assets = parse_release_assets(
        R"([{"id": 1, "name": "a", "size": 0, "state": "starter", "digest": null},
            {"id": 2, "name": "b", "size": 1, "state": "open"}, {"id": 3, "name": "c", "size": 1},
            {"id": 4, "name": "d", "size": 1, "state": "uploaded", "digest": "sha256:12"},
            {"id": 5, "name": "e", "size": 1, "state": "uploaded", "digest": "md5:1234"}])");
    ASSERT_TRUE(assets);
    for (std::size_t index = 0; index < 5; ++index) {
        EXPECT_EQ((*assets)[index].sha256, "");
        EXPECT_EQ((*assets)[index].state, index < 3 ? AssetState::starter : AssetState::uploaded);
    }
}

TEST(GitHubJson, OtherAnswersAreRefused) {
    const std::string refused = "error[SB0564]: the answer of the release API cannot be understood\ncaused by: ";
    for (const char* json : {"", "[]", "{\"id\": \"x\"}", "{\"id\": 1.5}", "{\"id\": -1}"})
        EXPECT_EQ(refusal(parse_release(json)), refused + "it is no release with an `id`\n") << json;
    EXPECT_EQ(refusal(parse_release(R"({"id": 1, "assets": {}})")), refused + "it is no list of assets\n");
    EXPECT_EQ(refusal(parse_releases("{}")), refused + "it is no list of releases\n");
    EXPECT_EQ(refusal(parse_releases("[3]")), refused + "it is no release with an `id`\n");
    EXPECT_EQ(refusal(parse_release_assets("{\"message\": \"Not Found\"}")), refused + "it is no list of assets\n");
    EXPECT_EQ(refusal(parse_release_assets("[null]")), refused + "one of the assets is no object\n");
    for (const char* json : {R"({"name": "a", "size": 1})", R"({"id": 1, "size": 1})", R"({"id": 1, "name": "a", "size": -1})"})
        EXPECT_EQ(refusal(parse_release_asset(json)), refused + "one of the assets has no `id`, `size` or `name`\n") << json;
}

TEST(GitHubJson, MessagesOfRefusals) {
    EXPECT_EQ(parse_github_message(R"({"message": "Not Found", "documentation_url": "x"})"), "Not Found");
    EXPECT_EQ(parse_github_message(R"({"message": "Validation Failed", "errors": [{"resource": "ReleaseAsset", "code": "already_exists",
                                       "field": "name"}, {"code": "custom", "message": "too large"}, "other", 3]})"),
              "Validation Failed; name: already_exists; too large; other");
    EXPECT_EQ(parse_github_message("<html>"), "");
    EXPECT_EQ(parse_github_message("[]"), "");
}

TEST(GitHubJson, RequestsAreRendered) {
    EXPECT_EQ(render_release_request({.tag = "v1", .name = "v1", .body = "a \"quoted\"\nline"}),
              R"({"body":"a \"quoted\"\nline","draft":true,"name":"v1","prerelease":false,"tag_name":"v1"})");
    EXPECT_EQ(render_release_request({.tag = "v1", .target = "main", .draft = false, .prerelease = true}),
              R"({"body":"","draft":false,"name":"","prerelease":true,"tag_name":"v1","target_commitish":"main"})");
    EXPECT_EQ(render_asset_name_request("a.whl"), R"({"name":"a.whl"})");
}

}  // namespace
}  // namespace sagebuild
