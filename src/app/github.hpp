#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/http_retry.hpp"
#include "core/release.hpp"
#include "core/secret.hpp"

namespace sagebuild {

struct GitHubRepository {
    std::string api_base;  ///< `https://api.github.com`, without `/` at the end
    std::string owner;
    std::string name;
    Secret token;  ///< empty: anonymous

    std::string shown() const { return owner + "/" + name; }
};

/// How patiently a server is asked.
struct GitHubPatience {
    int attempts = 8;         ///< of one request
    double base_seconds = 1;  ///< of the first wait: `SAGEBUILD_RETRY_SECONDS`
    RequestBudget budget = {};
    std::function<void(const std::string& why, double seconds)> on_wait = {};  ///< called by any thread before it waits
};

/// Where a repository is and how to be let in: options of every command that speaks to GitHub.
struct GitHubRequest {
    std::string repository = {};  ///< `OWNER/NAME`
    std::string api = {};         ///< empty: `GITHUB_API_URL`, else GitHub's
    std::string token_file = {};  ///< empty: `GITHUB_TOKEN`, else `GH_TOKEN`
};

/// The repository of a request with its token; without a token it is anonymous. Core dumps are off from here on. SB0620, SB0623.
Result<GitHubRepository> load_github_repository(const GitHubRequest& request, const Edges& edges);

/// SB0621 if it is anonymous.
Result<> require_token(const GitHubRepository& repository);

/// `SAGEBUILD_RETRY_SECONDS` and what is usual. SB0622.
Result<GitHubPatience> load_github_patience(const Environment& environment);

/// What came of one attempt to create something. Where neither a value nor an obstacle is certain, only listing tells.
template <typename Value>
struct CreationAttempt {
    enum class Obstacle { none, name_taken, gone, unclear };

    std::optional<Value> value = {};
    Obstacle obstacle = Obstacle::none;
    Diagnostics errors = {};   ///< why there is no value
    double retry_seconds = 0;  ///< how long to wait before another attempt
};

/// GitHub's REST API for releases, also GitHub Enterprise's. Threads may call at the same time. Requests that may be repeated are, on 5xx,
/// rate limits, broken connections and timeouts; those that create content keep to the budget, and are repeated only where it is certain
/// that they were not carried out. Errors: SB0609 refused, SB0625 upload address, SB0627 given up, SB0564 answer.
class GitHub {
  public:
    GitHub(const Edges& edges, GitHubRepository repository, GitHubPatience patience = {});
    GitHub(GitHub&&) noexcept;
    ~GitHub();

    const GitHubRepository& repository() const;
    const GitHubPatience& patience() const;

    /// All pages, drafts too (those that the token may see).
    Result<std::vector<Release>> list_releases();
    /// All drafts and published releases of a tag, by id.
    Result<std::vector<Release>> list_releases_of(const std::string& tag);
    /// A published one by its tag, else the draft with the lowest id; with all its assets.
    Result<std::optional<Release>> find_release(const std::string& tag);
    /// With all its assets; empty: there is none any more.
    Result<std::optional<Release>> find_release_by_id(std::uint64_t id);
    /// A published one, with all its assets; an error if there is none. An empty tag: the latest.
    Result<Release> get_published(const std::string& tag);

    Result<CreationAttempt<Release>> create_draft(const ReleaseDraft& draft);
    Result<Release> update_release(std::uint64_t id, const ReleaseDraft& change);
    /// It is no error if it is gone.
    Result<> delete_release(std::uint64_t id);

    Result<std::vector<ReleaseAsset>> list_assets(std::uint64_t release_id);
    Result<CreationAttempt<ReleaseAsset>> upload_asset(const Release& release, const std::string& name, HttpBody& body,
                                                       const std::string& content_type);
    Result<ReleaseAsset> rename_asset(std::uint64_t id, const std::string& name);
    /// It is no error if it is gone.
    Result<> delete_asset(std::uint64_t id);
    /// Also of a draft. One attempt: what a sink has taken cannot be taken back.
    Result<> download_asset(const ReleaseAsset& asset, const HttpSink& sink);

    /// Waits, and says so.
    void wait(const std::string& why, double seconds);

  private:
    class State;
    std::unique_ptr<State> m_state;
};

}  // namespace sagebuild
