#include "app/release_upload.hpp"

#include <algorithm>

#include "app/matrix_load.hpp"
#include "core/release_body.hpp"
#include "text/release_notes.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

constexpr int most_rounds = 3;

class ReleaseUploader {
  public:
    ReleaseUploader(const UploadRequest& request, const Edges& edges, UploadObserver& observer, GitHub github,
                    const ReleaseContents& contents, std::string notes)
        : m_request(request),
          m_edges(edges),
          m_observer(observer),
          m_github(std::move(github)),
          m_contents(contents),
          m_notes(std::move(notes)),
          m_run(sha256_hex(std::to_string(edges.clock.unix_seconds()) + " " + std::to_string(edges.clock.monotonic_seconds()))
                    .substr(0, 16)) {}

    Result<UploadReport> run() {
        for (int round = 1; round <= most_rounds; ++round) {
            SAGEBUILD_TRY(const bool is_done, run_round());
            if (is_done) return std::move(m_report);
        }
        return Diagnostic{.code = "SB0633",
                          .what = "release `" + printable(m_request.release.tag, 120) + "` was removed or made by somebody else " +
                                  std::to_string(most_rounds) + " times while it was uploaded",
                          .hints = {"let one upload to a tag run at a time"}};
    }

  private:
    /// False: the release went away or another one took its place, and all has to be looked at anew.
    Result<bool> run_round() {
        SAGEBUILD_TRY(ReleasePlan plan, plan_release_files(m_request.release, m_contents.files, m_github));
        if (!plan.problems.empty()) return std::move(plan.problems);
        m_observer.on_plan(plan);
        if (!plan.release) {
            SAGEBUILD_CHECK(make_draft());
            // another upload may have filled the draft already
            SAGEBUILD_TRY(plan, plan_release_files(m_request.release, m_contents.files, m_github));
            if (!plan.problems.empty()) return std::move(plan.problems);
            if (!plan.release) return false;
        }
        Release release = *plan.release;
        SAGEBUILD_CHECK(record_replacements(plan, release));
        const double begin = m_edges.clock.monotonic_seconds();
        SAGEBUILD_TRY(const TransferOutcome outcome, transfer_files(m_github, release, plan.files, m_request.jobs, m_edges, m_observer));
        if (outcome == TransferOutcome::release_gone) return false;
        m_report.seconds += m_edges.clock.monotonic_seconds() - begin;
        m_report.bytes += plan.bytes_to_send();
        m_report.sent = plan.count(AssetAction::upload);
        m_report.kept = plan.count(AssetAction::keep);
        m_report.replaced = plan.count(AssetAction::replace);
        return finish(release);
    }

    /// One draft for the tag, whoever made it: with the lowest id. A request without an answer may have made one.
    Result<> make_draft() {
        const ReleaseDraft draft = {.tag = m_request.release.tag,
                                    .target = m_request.target,
                                    .name = m_request.release.tag,
                                    .body = add_draft_marker(m_notes, m_run),
                                    .draft = true,
                                    .prerelease = m_request.prerelease};
        CreationAttempt<Release> made;
        for (int attempt = 1;; ++attempt) {
            if (!made.value) {  // what was made is listed in a moment, and not made twice
                SAGEBUILD_TRY(made, m_github.create_draft(draft));
            }
            SAGEBUILD_TRY(const std::vector<Release> found, m_github.list_releases_of(draft.tag));
            if (!found.empty()) return remove_surplus(found);
            if (made.value)
                made.errors = {{.code = "SB0628", .what = "the new draft of `" + printable(draft.tag, 120) + "` is not listed"}};
            const bool is_refused = made.obstacle == CreationAttempt<Release>::Obstacle::name_taken;
            if (is_refused || attempt == m_github.patience().attempts) return std::move(made.errors);
            m_github.wait(made.errors.front().what,
                          std::max(made.retry_seconds, retry_delay({}, attempt, {.base_seconds = m_github.patience().base_seconds})));
        }
    }

    /// Of several releases of the tag the published one stays, else the lowest id; what this run made besides goes, if it is empty.
    Result<> remove_surplus(const std::vector<Release>& found) {
        const auto published = std::find_if(found.begin(), found.end(), [](const Release& each) { return !each.draft; });
        const std::uint64_t stays = published != found.end() ? published->id : found.front().id;
        for (const Release& each : found) {
            if (each.id == stays || !each.draft || !has_draft_marker(each.body, m_run)) continue;
            SAGEBUILD_CHECK(remove_if_empty(each.id));
        }
        return Unit{};
    }

    Result<> remove_if_empty(std::uint64_t id) {
        SAGEBUILD_TRY(const auto release, m_github.find_release_by_id(id));
        if (!release || !release->assets.empty()) return Unit{};
        return m_github.delete_release(id);
    }

    /// Uploads that were killed between making a draft and listing it leave empty ones behind, which a public release has no use for.
    Result<> remove_empty_drafts(const std::vector<Release>& found) {
        for (const Release& each : found) {
            if (each.draft && each.id != m_report.release.id && has_draft_marker(each.body)) SAGEBUILD_CHECK(remove_if_empty(each.id));
        }
        return Unit{};
    }

    ReleaseDraft unchanged(const Release& release) const {
        return {.tag = release.tag,
                .target = {},
                .name = release.name.empty() ? release.tag : release.name,
                .body = release.body,
                .draft = release.draft,
                .prerelease = release.prerelease};
    }

    /// First the notes, then the bytes: a run that is stopped between them leaves no replacement without its reason.
    Result<> record_replacements(const ReleasePlan& plan, Release& release) {
        ReleaseDraft change = unchanged(release);
        const bool is_marked = has_draft_marker(release.body);
        std::string body = remove_draft_marker(release.body);
        for (const PlannedFile& planned : plan.files) {
            const bool is_told = !release.draft || !planned.file.is_document();
            if (planned.action == AssetAction::replace && is_told)
                body = add_replacement(body, planned.file.name, m_request.release.reason, planned.file.sha256);
        }
        if (body == remove_draft_marker(release.body)) return Unit{};
        change.body = is_marked ? add_draft_marker(body, m_run) : body;
        SAGEBUILD_CHECK(m_github.update_release(release.id, change));
        release.body = change.body;
        return Unit{};
    }

    Result<bool> finish(const Release& sent_to) {
        SAGEBUILD_TRY(std::optional<Release> release, m_github.find_release_by_id(sent_to.id));
        if (!release) return false;
        SAGEBUILD_CHECK(compare(*release));
        m_report.release = *release;
        if (m_request.release.stays_draft) return true;
        SAGEBUILD_TRY(const std::vector<Release> others, m_github.list_releases_of(release->tag));
        if (!release->draft) {
            SAGEBUILD_CHECK(remove_empty_drafts(others));
            return true;
        }
        const bool has_rival = std::any_of(others.begin(), others.end(), [&release](const Release& each) {
            return each.id != release->id && (!each.draft || each.id < release->id);
        });
        if (has_rival) return false;
        SAGEBUILD_CHECK(publish(*release));
        m_report.was_published = true;
        SAGEBUILD_CHECK(remove_empty_drafts(others));
        return true;
    }

    Result<> compare(Release& release) {
        for (ReleaseAsset& asset : release.assets) {
            const bool is_unknown = asset.sha256.empty() && asset.state == AssetState::uploaded;
            const bool is_ours = std::any_of(m_contents.files.begin(), m_contents.files.end(), [&asset](const OutgoingFile& file) {
                return file.name == asset.name && file.size == asset.size;
            });
            if (!is_unknown || !is_ours) continue;
            SAGEBUILD_TRY(asset.sha256, hash_asset(m_github, asset));
        }
        Diagnostics problems = check_released(m_contents.files, release.assets);
        for (const ReleaseAsset& asset : release.assets) {
            const bool is_named = std::any_of(m_contents.files.begin(), m_contents.files.end(),
                                              [&asset](const OutgoingFile& file) { return file.name == asset.name; });
            if (asset.state == AssetState::uploaded || is_named || m_request.release.stays_draft) continue;
            problems.push_back(
                {.code = "SB0628",
                 .what = "file `" + printable(asset.name, 160) + "` of the release is not complete and not among the files given",
                 .hints = {"`sagebuild release gc` removes what other uploads left"}});
        }
        if (!problems.empty()) return problems;
        return Unit{};
    }

    Result<> publish(const Release& release) {
        ReleaseDraft change = unchanged(release);
        const bool has_own_text = !has_draft_marker(release.body) && !release.body.empty() && m_request.notes_file.empty();
        change.body = has_own_text ? release.body : keep_replacements(m_notes, release.body);
        change.draft = false;
        change.target = m_request.target;
        change.prerelease = m_request.prerelease || release.prerelease;
        SAGEBUILD_TRY(const Release published, m_github.update_release(release.id, change));
        m_report.release.draft = published.draft;
        m_report.release.html_url = published.html_url;
        if (!published.draft) return Unit{};
        return Diagnostic{.code = "SB0628",
                          .what = "release `" + printable(release.tag, 120) + "` is still a draft after it was published"};
    }

    const UploadRequest& m_request;
    const Edges& m_edges;
    UploadObserver& m_observer;
    GitHub m_github;
    const ReleaseContents& m_contents;
    std::string m_notes;
    std::string m_run;
    UploadReport m_report;
};

Result<std::string> load_notes(const UploadRequest& request, const std::string& repository, const ReleaseContents& contents,
                               const Edges& edges) {
    constexpr std::size_t longest = 125000;  // GitHub refuses longer texts
    if (!request.notes_file.empty()) return edges.files.read(request.notes_file, longest);
    SAGEBUILD_TRY(const Compat compat, load_compat_of(edges, request.release.matrix_directory));
    const std::string server = edges.environment.variable("GITHUB_SERVER_URL").value_or("");
    return render_release_notes(SourceText("built-in template", default_notes_template()),
                                {.wheels = contents.wheels,
                                 .repository = repository,
                                 .server = server.empty() ? "https://github.com" : server,
                                 .tag = request.release.tag,
                                 .earlier = std::nullopt},
                                compat);
}

}  // namespace

Result<UploadReport> upload_release(const UploadRequest& request, const Edges& edges, UploadObserver& observer) {
    SAGEBUILD_CHECK(check_tag(request.release.tag));
    SAGEBUILD_TRY(GitHubRepository repository, load_github_repository(request.release.github, edges));
    SAGEBUILD_CHECK(require_token(repository));
    SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(edges.environment));
    SAGEBUILD_TRY(const ReleaseContents contents,
                  load_release_contents(request.release.from, !request.release.stays_draft, request.release.matrix_directory, edges));
    SAGEBUILD_TRY(std::string notes, load_notes(request, repository.shown(), contents, edges));
    patience.budget = request.release.budget;
    patience.on_wait = [&observer](const std::string& why, double seconds) { observer.on_wait(why, seconds); };
    return ReleaseUploader(request, edges, observer, GitHub(edges, std::move(repository), std::move(patience)), contents, std::move(notes))
        .run();
}

}  // namespace sagebuild
