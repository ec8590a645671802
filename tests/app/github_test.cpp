#include "app/github.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/text_body.hpp"
#include "support/fake_github.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

using ::testing::ElementsAre;
using testing::GitHubFault;

GitHubFault refusal(int status, std::vector<HttpHeader> headers = {}, const std::string& message = "") {
    headers.push_back({"Content-Type", "application/json"});
    return {.answer = {.status = status, .headers = std::move(headers), .url = {}, .body = R"({"message": ")" + message + "\"}"}};
}

class GitHubTest : public ::testing::Test {
  protected:
    GitHub make(const std::string& token = "ghp_secret", GitHubPatience patience = {}) {
        patience.on_wait = [this](const std::string& why, double) { m_waits.push_back(why); };
        return {m_edges, {.api_base = "https://api.github.com", .owner = "o", .name = "r", .token = Secret(token)}, patience};
    }
    /// The first requests go wrong, one after the other.
    void fail(const std::vector<GitHubFault>& faults) {
        m_github.fault = [faults, first = m_github.log.size()](const HttpRequest&, std::size_t number) {
            return number - first < faults.size() ? std::optional(faults[number - first]) : std::nullopt;
        };
    }
    template <typename Value>
    static std::string error_of(const Result<Value>& result) {
        return result ? "" : render_diagnostics(result.errors());
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeGitHub m_github;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_github};
    std::vector<std::string> m_waits;
};

TEST_F(GitHubTest, PublishedReleasesAreFoundByTagAndDraftsByPaging) {
    m_github.page_size = 2;
    for (int index = 0; index < 3; ++index) m_github.add_release("old" + std::to_string(index), false);
    testing::FakeGitHub& github = m_github;
    github.add_release("v1+2", true);
    for (const char* name : {"a", "b", "c"}) github.add_asset(github.releases.back(), name, name);
    GitHub client = make();
    const auto draft = client.find_release("v1+2");
    ASSERT_TRUE(draft && *draft);
    EXPECT_TRUE((*draft)->draft);
    EXPECT_EQ((*draft)->assets.size(), 3U);
    EXPECT_THAT(github.log,
                ElementsAre("GET /repos/o/r/releases/tags/v1%2B2", "GET /repos/o/r/releases?per_page=100&page=1",
                            "GET /repos/o/r/releases?per_page=100&page=2", "GET /repos/o/r/releases/4/assets?per_page=100&page=1",
                            "GET /repos/o/r/releases/4/assets?per_page=100&page=2"));
    const auto published = client.find_release("old2");
    ASSERT_TRUE(published && *published);
    EXPECT_EQ((*published)->id, 3U);
    const auto none = client.find_release("v9");
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    const auto gone = client.find_release_by_id(77);
    ASSERT_TRUE(gone);
    EXPECT_FALSE(*gone);
}

TEST_F(GitHubTest, WhatPassesByIsAskedAgain) {
    m_github.add_release("v1", false);
    GitHub client = make();
    ASSERT_TRUE(client.list_assets(1));  // a host that never answered is not asked again
    fail({refusal(502),
          refusal(503, {{"Retry-After", "7"}}),
          refusal(429, {{"Retry-After", "30"}}),
          refusal(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1767225700"}}),
          {.error_code = "SB0608"},
          {.error_code = "SB0603"},
          {.error_code = "SB0605"}});
    EXPECT_EQ(error_of(client.find_release("v1")), "");
    EXPECT_EQ(m_github.log.size(), 10U);  // the first, seven that fail, and the two of a search
    ASSERT_GE(m_clock.waits.size(), 7U);
    EXPECT_GE(m_clock.waits[1], 7);
    EXPECT_GE(m_clock.waits[2], 30);
}

TEST_F(GitHubTest, PatienceEnds) {
    m_github.add_release("v1", false);
    GitHub client = make("t", {.attempts = 3});
    fail(std::vector(5, refusal(500, {}, "Server Error")));
    EXPECT_EQ(error_of(client.find_release("v1")),
              "error[SB0627]: `GET https://api.github.com/repos/o/r/releases/tags/v1` is given up after 3 attempts\n"
              "caused by: `https://api.github.com/repos/o/r/releases/tags/v1` is answered with status 500\n"
              "caused by: Server Error\n"
              "hint: run it again later: what is done already is not done again\n");
}

TEST_F(GitHubTest, AWrongHostIsToldAtOnce) {
    fail({{.error_code = "SB0602"}});
    EXPECT_EQ(error_of(make().list_releases()), "error[SB0602]: `https://api.github.com/repos/o/r/releases?...` broke off\n");
    EXPECT_EQ(m_github.log.size(), 1U);
}

TEST_F(GitHubTest, ARefusalIsTold) {
    fail({refusal(403, {}, "Resource not accessible by integration")});
    EXPECT_EQ(error_of(make().list_releases()),
              "error[SB0609]: `https://api.github.com/repos/o/r/releases?...` is answered with status 403\n"
              "caused by: Resource not accessible by integration\n"
              "hint: the server refuses the token or password; it may be out of date or lack a permission\n");
}

TEST_F(GitHubTest, AnUnclearCreationIsNotRepeated) {
    GitHub client = make();
    fail({{.error_code = "SB0608", .carried_out = true}});
    const auto attempt = client.create_draft({.tag = "v1", .name = "v1"});
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->obstacle, CreationAttempt<Release>::Obstacle::unclear);
    EXPECT_THAT(m_github.log, ElementsAre("POST /repos/o/r/releases"));
    EXPECT_EQ(m_github.releases.size(), 1U);
    fail({refusal(429, {{"Retry-After", "1"}})});
    EXPECT_TRUE(client.create_draft({.tag = "v2", .name = "v2"})->value);
    EXPECT_EQ(m_github.releases.size(), 2U);
}

TEST_F(GitHubTest, UploadsGoToTheReleasesAddressOfTheSameSite) {
    GitHub client = make();
    Release release = m_github.add_release("v1", true);
    TextBody body("wheel");
    const auto sent = client.upload_asset(release, "a b+c.whl", body, "application/zip");
    ASSERT_TRUE(sent && sent->value);
    EXPECT_EQ(m_github.log.back(), "POST /repos/o/r/releases/1/assets?name=a%20b%2Bc.whl");
    EXPECT_EQ(m_github.shown(), "v1 draft\n  a b+c.whl = wheel\n");
    EXPECT_EQ(client.upload_asset(release, "a b+c.whl", body, "application/zip")->obstacle,
              CreationAttempt<ReleaseAsset>::Obstacle::name_taken);
    for (const char* address : {"https://evil.example/x{?name}", "http://uploads.github.com/x", "https://uploads.github.com:444/x",
                                "https://api.github.com.evil.example/x", "https://uploads.github.com/x?y=1{?name}", "", "file:///x"}) {
        release.upload_url = address;
        const auto refused = client.upload_asset(release, "a", body, "application/zip");
        ASSERT_FALSE(refused) << address;
        EXPECT_EQ(refused.errors().front().code, "SB0625") << address;
    }
    release.upload_url = "https://evil.example/x{?name,label}";
    EXPECT_EQ(error_of(client.upload_asset(release, "a", body, "application/zip")),
              "error[SB0625]: release `v1` wants its files at `https://evil.example/x`, which does not belong to `https://api.github.com`\n"
              "hint: a token is sent to the host of `--api` and the `uploads.` beside its `api.` only\n");
}

TEST_F(GitHubTest, WhatIsGoneNeedsNoRemoval) {
    GitHub client = make();
    EXPECT_TRUE(client.delete_asset(5));
    EXPECT_TRUE(client.delete_release(5));
    fail({{.error_code = "SB0608", .carried_out = true}});
    m_github.add_release("v1", true);
    EXPECT_TRUE(client.delete_release(1));
    EXPECT_EQ(m_github.shown(), "");
}

TEST_F(GitHubTest, AssetsAreReadByTheirId) {
    GitHub client = make();
    Release& release = m_github.add_release("v1", true);
    m_github.add_asset(release, "a", "bytes of a");
    std::string taken;
    ReleaseAsset asset = release.assets.front();
    asset.api_url = "https://evil.example/";
    EXPECT_TRUE(client.download_asset(asset, [&taken](std::string_view piece) -> Result<> {
        taken += piece;
        return Unit{};
    }));
    EXPECT_EQ(taken, "bytes of a");
    EXPECT_EQ(client.rename_asset(asset.id, "b")->name, "b");
    EXPECT_EQ(client.update_release(1, {.tag = "v1", .name = "v1", .body = "new", .draft = false})->body, "new");
}

TEST_F(GitHubTest, CreatingKeepsToTheBudget) {
    GitHub client = make("t", {.budget = {.per_minute = 2, .per_hour = 500}});
    for (int index = 0; index < 3; ++index) EXPECT_TRUE(client.create_draft({.tag = "v" + std::to_string(index)}));
    EXPECT_THAT(m_waits, ElementsAre("the budget of 2 requests a minute and 500 an hour is used up"));
    EXPECT_TRUE(client.list_releases());
    EXPECT_EQ(m_waits.size(), 1U);
}

class GitHubAccessTest : public GitHubTest {
  protected:
    std::string load(const GitHubRequest& request) {
        const auto repository = load_github_repository(request, m_edges);
        if (!repository) return render_diagnostics(repository.errors());
        return repository->api_base + " " + repository->shown() + " " + repository->token.reveal();
    }
};

TEST_F(GitHubAccessTest, TokensComeFromTheEnvironmentOrAFile) {
    EXPECT_EQ(load({.repository = "o/r"}), "https://api.github.com o/r ");
    m_environment.variables = {{"GH_TOKEN", "second"}, {"GITHUB_API_URL", "https://git.example/api/v3/"}};
    EXPECT_EQ(load({.repository = "o/r"}), "https://git.example/api/v3 o/r second");
    m_environment.variables["GITHUB_TOKEN"] = "first\n";
    EXPECT_EQ(load({.repository = "o/r", .api = "http://127.0.0.1:1"}), "http://127.0.0.1:1 o/r first");
    m_files.files["/token"] = "third \r\n\n";
    EXPECT_EQ(load({.repository = "o/r", .token_file = "/token"}), "https://git.example/api/v3 o/r third");
}

TEST_F(GitHubAccessTest, WhatIsWrongIsTold) {
    EXPECT_EQ(load({.repository = "o/r/x"}), "error[SB0623]: `o/r/x` is no repository\nhint: write `--repository OWNER/NAME`\n");
    EXPECT_EQ(load({.repository = "o/r", .token_file = "/none"}),
              "error[SB0501]: cannot read `/none`\ncaused by: No such file or directory\n");
    m_files.files["/token"] = "\n";
    EXPECT_EQ(load({.repository = "o/r", .token_file = "/token"}), "error[SB0620]: token file `/token` is empty\n");
    m_files.readable_by_all = "/token";
    EXPECT_EQ(load({.repository = "o/r", .token_file = "/token"}),
              "error[SB0620]: token file `/token` can be read by everybody on this machine\n"
              "hint: `chmod 600` it, and make a new token if others have accounts here\n");
}

TEST_F(GitHubAccessTest, TheFirstWaitComesFromTheEnvironment) {
    EXPECT_DOUBLE_EQ(load_github_patience(m_environment)->base_seconds, 1);
    m_environment.variables["SAGEBUILD_RETRY_SECONDS"] = "0.05";
    EXPECT_DOUBLE_EQ(load_github_patience(m_environment)->base_seconds, 0.05);
    for (const char* text : {"x", "-1", "601", "nan", "1s"}) {
        m_environment.variables["SAGEBUILD_RETRY_SECONDS"] = text;
        EXPECT_EQ(error_of(load_github_patience(m_environment)),
                  "error[SB0622]: `SAGEBUILD_RETRY_SECONDS` is `" + std::string(text) + "`, not a number of seconds from 0 to 600\n");
    }
}

}  // namespace
}  // namespace sagebuild
