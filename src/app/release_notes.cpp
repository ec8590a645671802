#include "app/release_notes.hpp"

#include "app/github_release_source.hpp"
#include "app/matrix_load.hpp"
#include "app/published_wheel.hpp"
#include "app/release_plan.hpp"
#include "text/checksums.hpp"
#include "text/release_notes.hpp"
#include "text/text_file.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t largest_text = std::size_t{1} << 20;

Result<SourceText> load_template(const std::string& file, const Edges& edges) {
    if (file.empty()) return SourceText("built-in template", default_notes_template());
    SAGEBUILD_TRY(std::string bytes, edges.files.read(file, largest_text));
    SAGEBUILD_CHECK(check_text_file(bytes, file, {"SB0650", "a template of release notes", largest_text}));
    return SourceText(file, std::move(bytes));
}

Result<EarlierRelease> load_checksums(const std::string& shown, const std::string& file, const Edges& edges) {
    SAGEBUILD_TRY(const std::string bytes, edges.files.read(file, largest_text));
    SAGEBUILD_TRY(auto files, parse_checksums(bytes, file));
    return EarlierRelease{shown, std::move(files)};
}

/// GitHub tells digests of the files that were uploaded since June 2025.
Result<EarlierRelease> load_release(const std::string& tag, const GitHubRepository& repository, GitHubPatience patience,
                                    const Edges& edges) {
    GitHub github(edges, repository, std::move(patience));
    SAGEBUILD_TRY(const Release release, find_release_of_tag(github, tag));
    EarlierRelease earlier{tag, {}};
    for (const ReleaseAsset& asset : release.assets) earlier.files.push_back({asset.name, asset.sha256});
    return earlier;
}

}  // namespace

Result<std::string> make_release_notes(const ReleaseNotesRequest& request, const Edges& edges,
                                       const std::function<void(const std::string& why, double seconds)>& on_wait) {
    SAGEBUILD_CHECK(check_tag(request.tag));
    SAGEBUILD_TRY(const GitHubRepository repository, load_github_repository(request.github, edges));
    SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(edges.environment));
    patience.on_wait = on_wait;
    SAGEBUILD_TRY(const SourceText source, load_template(request.template_file, edges));
    SAGEBUILD_TRY(const Compat compat, load_compat_of(edges, request.matrix_directory));
    const std::string server = edges.environment.variable("GITHUB_SERVER_URL").value_or("");
    ReleaseNotesInput input{.wheels = {},
                            .repository = repository.shown(),
                            .server = server.empty() ? "https://github.com" : server,
                            .tag = request.tag,
                            .earlier = std::nullopt};
    SAGEBUILD_TRY(input.wheels, load_published_wheels(request.from, compat, edges));
    if (edges.files.is_directory(request.since)) {
        SAGEBUILD_TRY(input.earlier, load_checksums(request.since, request.since + "/" + std::string(checksums_name), edges));
    } else if (edges.files.is_file(request.since)) {
        SAGEBUILD_TRY(input.earlier, load_checksums(request.since, request.since, edges));
    } else if (!request.since.empty()) {
        SAGEBUILD_TRY(input.earlier, load_release(request.since, repository, std::move(patience), edges));
    }
    return render_release_notes(source, std::move(input), compat);
}

}  // namespace sagebuild
