#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/release.hpp"
#include "edge/http.hpp"

namespace sagebuild::testing {

/// What goes wrong with one request.
struct GitHubFault {
    HttpResponse answer = {};     ///< instead of the true one
    std::string error_code = {};  ///< no answer at all: `SB0608`, `SB0605`, ...
    bool carried_out = false;     ///< the request has its effect all the same
    bool leaves_starter = false;  ///< an upload leaves an asset that is not complete
};

/// Releases of the repository `o/r` in memory, as GitHub's REST API shows them at `https://api.github.com`. Threads may send.
class FakeGitHub : public HttpClient {
  public:
    std::vector<Release> releases;
    std::map<std::uint64_t, std::string> bytes;  ///< of assets, by id
    std::vector<std::string> log;                ///< `POST /repos/o/r/releases`, without the host
    bool has_digests = true;
    bool makes_immutable = false;  ///< published releases
    std::size_t page_size = 100;
    std::uint64_t next_id = 1;
    /// Asked with the number of the request, from 0; it may change the releases, as other people do.
    std::function<std::optional<GitHubFault>(const HttpRequest&, std::size_t)> fault;

    using HttpClient::send;
    Result<HttpResponse> send(const HttpRequest& request, const HttpSink& sink) override;

    Release& add_release(const std::string& tag, bool draft, const std::string& body = "");
    void add_asset(Release& release, const std::string& name, const std::string& content, AssetState state = AssetState::uploaded);
    /// All releases and their assets with their bytes, a line each.
    std::string shown() const;

  private:
    HttpResponse answer(const HttpRequest& request, const std::string& sent, bool leaves_starter);
    HttpResponse answer_assets(Release& release, const HttpRequest& request, const std::string& query, const std::string& sent,
                               bool leaves_starter);
    HttpResponse answer_asset(std::uint64_t id, const HttpRequest& request, const std::string& sent);
    Release* find(std::uint64_t id);

    std::mutex m_mutex;
};

}  // namespace sagebuild::testing
