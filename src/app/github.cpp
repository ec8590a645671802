#include "app/github.hpp"

#include <algorithm>
#include <bit>
#include <mutex>

#include "app/text_body.hpp"
#include "core/upload_site.hpp"
#include "core/url.hpp"
#include "text/github_json.hpp"

namespace sagebuild {

namespace {

constexpr int most_pages = 100;

/// Whether another page follows (RFC 8288; GitHub, «Using pagination in the REST API»).
bool has_next_page(const HttpResponse& response) {
    return response.header("link").find("rel=\"next\"") != std::string::npos;
}

/// What one request came to.
struct Attempt {
    std::optional<HttpResponse> response = {};  ///< with a status of 2xx
    Diagnostics errors = {};
    int status = 0;           ///< 0: no answer
    std::string message;      ///< of an answer that refuses
    bool may_repeat = false;  ///< it passes by, ...
    bool is_unclear = false;  ///< ... but may have been carried out
    double retry_seconds = 0;
};

}  // namespace

class GitHub::State {
  public:
    State(const Edges& edges, GitHubRepository given, GitHubPatience patience_given)
        : repository(std::move(given)), patience(std::move(patience_given)), m_edges(edges), m_pace(patience.budget) {}

    GitHubRepository repository;
    GitHubPatience patience;

    std::string address(const std::string& below) const {
        return repository.api_base + "/repos/" + repository.owner + "/" + repository.name + "/releases" + below;
    }

    HttpRequest request(std::string url, std::string method = "GET") const {
        HttpRequest made{.url = std::move(url),
                         .method = std::move(method),
                         .headers = {{"Accept", "application/vnd.github+json"}, {"X-GitHub-Api-Version", "2022-11-28"}}};
        if (!repository.token.empty()) made.secrets.push_back({"Authorization", Secret("Bearer " + repository.token.reveal())});
        return made;
    }

    void wait(const std::string& why, double seconds) const {
        if (seconds <= 0) return;
        if (patience.on_wait) patience.on_wait(why, seconds);
        m_edges.clock.sleep(seconds);
    }

    /// One request, and what to make of its answer. `number` counts from 1.
    Attempt attempt(const HttpRequest& request, int number, const HttpSink* sink = nullptr) {
        wait_for_turn(request.method == "POST" || request.method == "PATCH");
        auto sent = sink != nullptr ? m_edges.http.send(request, *sink) : m_edges.http.send(request);
        Attempt attempt;
        if (!sent) {
            attempt.errors = std::move(sent).errors();
            judge_silence(attempt, number);
            return attempt;
        }
        {
            const std::lock_guard lock(m_mutex);
            m_was_answered = true;
        }
        attempt.status = sent->status;
        if (sent->is_success()) {
            attempt.response = std::move(sent).value();
            return attempt;
        }
        judge_refusal(attempt, request, *sent, number);
        return attempt;
    }

    /// A request until it is answered. One whose repetition could create something twice is followed by another only where it is certain
    /// that it was not carried out.
    Attempt ask(const HttpRequest& request, bool creates = false) {
        for (int number = 1;; ++number) {
            Attempt made = attempt(request, number);
            if (made.response || !made.may_repeat || (creates && made.is_unclear)) return made;
            if (number == patience.attempts) {
                made.errors = {given_up(request, made.errors)};
                return made;
            }
            wait(made.errors.front().what, made.retry_seconds);
            if (request.body == nullptr) continue;
            if (auto rewound = request.body->rewind(); !rewound) {
                made.errors = std::move(rewound).errors();
                return made;
            }
        }
    }

    Result<HttpResponse> get(const std::string& url) {
        Attempt made = ask(request(url));
        if (!made.response) return std::move(made.errors);
        return *std::move(made.response);
    }

    Result<> remove(const std::string& url) {
        Attempt made = ask(request(url, "DELETE"));
        if (!made.response && made.status != 404) return std::move(made.errors);
        return Unit{};
    }

    Result<HttpResponse> patch(const std::string& url, const std::string& json) {
        TextBody body(json);
        HttpRequest made = json_request(url, "PATCH", body);
        Attempt done = ask(made);
        if (!done.response) return std::move(done.errors);
        return *std::move(done.response);
    }

    HttpRequest json_request(const std::string& url, const std::string& method, HttpBody& body) const {
        HttpRequest made = request(url, method);
        made.headers.push_back({"Content-Type", "application/json"});
        made.body = &body;
        return made;
    }

    /// All pages of a list, each handed to `take`.
    template <typename Take>
    Result<> each_page(const std::string& url, const Take& take) {
        for (int page = 1; page <= most_pages; ++page) {
            SAGEBUILD_TRY(const HttpResponse answer, get(url + "?per_page=100&page=" + std::to_string(page)));
            SAGEBUILD_CHECK(take(answer.body));
            if (!has_next_page(answer)) break;
        }
        return Unit{};
    }

    /// Answers of a release name only the first assets.
    Result<> complete(Release& release, GitHub& github) const {
        SAGEBUILD_TRY(release.assets, github.list_assets(release.id));
        return Unit{};
    }

    Result<std::string> upload_address(const Release& release, const std::string& name) const {
        const auto api = parse_url(repository.api_base);
        const auto url = parse_url(release.upload_url.substr(0, release.upload_url.find('{')));
        if (!api || !url || url->query || !may_upload_to(*api, *url)) {
            return Diagnostic{.code = "SB0625",
                              .what = "release `" + printable(release.tag, 80) + "` wants its files at `" +
                                      printable(url ? url->shown() : release.upload_url, 200) + "`, which does not belong to `" +
                                      printable(repository.api_base, 200) + "`",
                              .hints = {"a token is sent to the host of `--api` and the `uploads.` beside its `api.` only"}};
        }
        return url->to_string() + "?name=" + percent_encoded(name);
    }

  private:
    Diagnostic given_up(const HttpRequest& request, const Diagnostics& errors) const {
        const auto url = parse_url(request.url);
        Diagnostic error = {.code = "SB0627",
                            .what = "`" + request.method + " " + (url ? url->shown() : "URL") + "` is given up after " +
                                    std::to_string(patience.attempts) + " attempts",
                            .hints = {"run it again later: what is done already is not done again"}};
        for (const Diagnostic& each : errors) {
            error.causes.push_back(each.what);
            error.causes.insert(error.causes.end(), each.causes.begin(), each.causes.end());
        }
        return error;
    }

    /// Fractions for jitter need to differ between threads and processes, not more.
    double fraction() const {
        const std::uint64_t mixed = std::bit_cast<std::uint64_t>(m_edges.clock.monotonic_seconds()) * 0x9E3779B97F4A7C15U;
        return static_cast<double>(mixed >> 40) / static_cast<double>(1U << 24);
    }

    RetryTimes times() const {
        return {.base_seconds = patience.base_seconds, .now = m_edges.clock.unix_seconds(), .fraction = fraction()};
    }

    /// A host that never answered is a wrong address more likely than one that is away.
    void judge_silence(Attempt& attempt, int number) {
        const std::string& code = attempt.errors.front().code;
        attempt.is_unclear = code == "SB0605" || code == "SB0608";
        const bool is_away = code == "SB0602" || code == "SB0603";
        const std::lock_guard lock(m_mutex);
        attempt.may_repeat = attempt.is_unclear || (is_away && m_was_answered);
        attempt.retry_seconds = retry_delay({}, number, times());
    }

    void judge_refusal(Attempt& attempt, const HttpRequest& request, const HttpResponse& answer, int number) {
        attempt.message = parse_github_message(answer.body);
        const RetrySigns signs = {.status = answer.status,
                                  .retry_after = answer.header("retry-after"),
                                  .rate_limit_remaining = answer.header("x-ratelimit-remaining"),
                                  .rate_limit_reset = answer.header("x-ratelimit-reset"),
                                  .message = attempt.message};
        const RetryCause cause = find_retry_cause(signs);
        Diagnostic error = refused_answer(request, answer);
        if (!attempt.message.empty()) error.causes = {printable(attempt.message, 300)};
        attempt.errors = {std::move(error)};
        attempt.may_repeat = cause != RetryCause::none;
        attempt.is_unclear = cause == RetryCause::server;
        attempt.retry_seconds = retry_delay(signs, number, times());
        if (cause != RetryCause::rate_limit && cause != RetryCause::secondary_rate_limit) return;
        // asking on while limited makes limits longer: all threads wait
        const std::lock_guard lock(m_mutex);
        m_resume_at = std::max(m_resume_at, m_edges.clock.monotonic_seconds() + attempt.retry_seconds);
    }

    void wait_for_turn(bool creates_content) {
        double limited = 0;
        double paced = 0;
        {
            const std::lock_guard lock(m_mutex);
            const double now = m_edges.clock.monotonic_seconds();
            limited = m_resume_at - now;
            if (creates_content) paced = m_pace.take(std::max(now, m_resume_at)) - std::max(now, m_resume_at);
        }
        wait("the server limits requests", limited);
        wait("the budget of " + std::to_string(patience.budget.per_minute) + " requests a minute and " +
                 std::to_string(patience.budget.per_hour) + " an hour is used up",
             paced);
    }

    Edges m_edges;
    std::mutex m_mutex;
    RequestPace m_pace;
    double m_resume_at = 0;
    bool m_was_answered = false;
};

GitHub::GitHub(const Edges& edges, GitHubRepository repository, GitHubPatience patience)
    : m_state(std::make_unique<State>(edges, std::move(repository), std::move(patience))) {}

GitHub::GitHub(GitHub&&) noexcept = default;

GitHub::~GitHub() = default;

const GitHubRepository& GitHub::repository() const {
    return m_state->repository;
}

const GitHubPatience& GitHub::patience() const {
    return m_state->patience;
}

Result<std::vector<Release>> GitHub::list_releases() {
    std::vector<Release> releases;
    SAGEBUILD_CHECK(m_state->each_page(m_state->address(""), [&releases](const std::string& json) -> Result<> {
        SAGEBUILD_TRY(std::vector<Release> page, parse_releases(json));
        std::move(page.begin(), page.end(), std::back_inserter(releases));
        return Unit{};
    }));
    return releases;
}

Result<std::vector<Release>> GitHub::list_releases_of(const std::string& tag) {
    SAGEBUILD_TRY(std::vector<Release> releases, list_releases());
    std::erase_if(releases, [&tag](const Release& each) { return each.tag != tag; });
    std::sort(releases.begin(), releases.end(), [](const Release& left, const Release& right) { return left.id < right.id; });
    releases.erase(std::unique(releases.begin(), releases.end(), [](const auto& left, const auto& right) { return left.id == right.id; }),
                   releases.end());  // pages shift while releases are made
    return releases;
}

Result<std::optional<Release>> GitHub::find_release(const std::string& tag) {
    Attempt made = m_state->ask(m_state->request(m_state->address("/tags/" + percent_encoded(tag))));
    if (!made.response && made.status != 404) return std::move(made.errors);
    std::optional<Release> found;
    if (made.response) {
        SAGEBUILD_TRY(found, parse_release(made.response->body));
    } else {
        SAGEBUILD_TRY(std::vector<Release> releases, list_releases_of(tag));
        if (!releases.empty()) found = std::move(releases.front());
    }
    if (found) SAGEBUILD_CHECK(m_state->complete(*found, *this));
    return found;
}

Result<std::optional<Release>> GitHub::find_release_by_id(std::uint64_t id) {
    Attempt made = m_state->ask(m_state->request(m_state->address("/" + std::to_string(id))));
    if (made.status == 404) return std::optional<Release>();
    if (!made.response) return std::move(made.errors);
    SAGEBUILD_TRY(Release release, parse_release(made.response->body));
    SAGEBUILD_CHECK(m_state->complete(release, *this));
    return std::optional(std::move(release));
}

Result<Release> GitHub::get_published(const std::string& tag) {
    SAGEBUILD_TRY(const HttpResponse answer, m_state->get(m_state->address(tag.empty() ? "/latest" : "/tags/" + percent_encoded(tag))));
    SAGEBUILD_TRY(Release release, parse_release(answer.body));
    SAGEBUILD_CHECK(m_state->complete(release, *this));
    return release;
}

Result<CreationAttempt<Release>> GitHub::create_draft(const ReleaseDraft& draft) {
    using Obstacle = CreationAttempt<Release>::Obstacle;
    TextBody body(render_release_request(draft));
    Attempt made = m_state->ask(m_state->json_request(m_state->address(""), "POST", body), true);
    CreationAttempt<Release> attempt;
    if (made.status == 422) {
        attempt.obstacle = Obstacle::name_taken;
        attempt.errors = std::move(made.errors);
        return attempt;
    }
    if (!made.response && !made.is_unclear) return std::move(made.errors);
    if (made.response) {
        auto release = parse_release(made.response->body);
        if (release) {
            attempt.value = std::move(release).value();
            return attempt;
        }
        made.errors = std::move(release).errors();
    }
    attempt.obstacle = Obstacle::unclear;
    attempt.errors = std::move(made.errors);
    attempt.retry_seconds = made.retry_seconds;
    return attempt;
}

Result<Release> GitHub::update_release(std::uint64_t id, const ReleaseDraft& change) {
    SAGEBUILD_TRY(const HttpResponse answer, m_state->patch(m_state->address("/" + std::to_string(id)), render_release_request(change)));
    return parse_release(answer.body);
}

Result<> GitHub::delete_release(std::uint64_t id) {
    return m_state->remove(m_state->address("/" + std::to_string(id)));
}

Result<std::vector<ReleaseAsset>> GitHub::list_assets(std::uint64_t release_id) {
    std::vector<ReleaseAsset> assets;
    const std::string url = m_state->address("/" + std::to_string(release_id) + "/assets");
    SAGEBUILD_CHECK(m_state->each_page(url, [&assets](const std::string& json) -> Result<> {
        SAGEBUILD_TRY(std::vector<ReleaseAsset> page, parse_release_assets(json));
        std::move(page.begin(), page.end(), std::back_inserter(assets));
        return Unit{};
    }));
    return assets;
}

Result<CreationAttempt<ReleaseAsset>> GitHub::upload_asset(const Release& release, const std::string& name, HttpBody& body,
                                                           const std::string& content_type) {
    using Obstacle = CreationAttempt<ReleaseAsset>::Obstacle;
    SAGEBUILD_TRY(const std::string url, m_state->upload_address(release, name));
    HttpRequest request = m_state->request(url, "POST");
    request.headers.push_back({"Content-Type", content_type});
    request.body = &body;
    request.limits.total_seconds = 6 * 3600;
    request.limits.stalled_seconds = 60;  // the server stores the file before it answers
    Attempt made = m_state->ask(request, true);
    CreationAttempt<ReleaseAsset> attempt;
    if (made.response) {
        auto asset = parse_release_asset(made.response->body);
        if (asset) {
            attempt.value = std::move(asset).value();
            return attempt;
        }
        made.errors = std::move(asset).errors();
        made.is_unclear = true;
    }
    if (made.is_unclear) {
        attempt.obstacle = Obstacle::unclear;
    } else if (made.status == 404) {
        attempt.obstacle = Obstacle::gone;
    } else if (made.status == 422) {
        attempt.obstacle = Obstacle::name_taken;  // most likely, and the list of assets tells
    }
    if (attempt.obstacle == Obstacle::none) return std::move(made.errors);
    attempt.errors = std::move(made.errors);
    attempt.retry_seconds = made.retry_seconds;
    return attempt;
}

Result<ReleaseAsset> GitHub::rename_asset(std::uint64_t id, const std::string& name) {
    SAGEBUILD_TRY(const HttpResponse answer,
                  m_state->patch(m_state->address("/assets/" + std::to_string(id)), render_asset_name_request(name)));
    return parse_release_asset(answer.body);
}

Result<> GitHub::delete_asset(std::uint64_t id) {
    return m_state->remove(m_state->address("/assets/" + std::to_string(id)));
}

Result<> GitHub::download_asset(const ReleaseAsset& asset, const HttpSink& sink) {
    // by its id, for `url` is what an answer says
    HttpRequest request = m_state->request(m_state->address("/assets/" + std::to_string(asset.id)));
    request.headers.front().value = "application/octet-stream";
    request.limits.body_bytes = asset.size;
    request.limits.total_seconds = 6 * 3600;
    Attempt made = m_state->attempt(request, 1, &sink);
    if (!made.response) return std::move(made.errors);
    return Unit{};
}

void GitHub::wait(const std::string& why, double seconds) {
    m_state->wait(why, seconds);
}

}  // namespace sagebuild
