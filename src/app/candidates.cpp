#include "app/candidates.hpp"

#include <algorithm>
#include <optional>

#include "app/candidate_file.hpp"
#include "app/github.hpp"
#include "core/naming_scheme.hpp"
#include "core/repository_name.hpp"
#include "core/url.hpp"
#include "core/wheel_name.hpp"
#include "text/core_metadata.hpp"
#include "text/index_page.hpp"

namespace sagebuild {

namespace {

constexpr std::string_view index_types = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

struct ReleaseAddress {
    RepositoryName repository;
    std::string tag;  ///< empty: the latest
};

/// `owner/repository` with an optional `@tag`.
std::optional<ReleaseAddress> parse_release_address(std::string_view text) {
    const std::size_t at = std::min(text.find('@'), text.size());
    const std::string_view tag = text.substr(std::min(at + 1, text.size()));
    const std::string_view name = text.substr(0, at);
    const auto repository = parse_repository_name(name);
    if (!repository || (at < text.size() && tag.empty())) return std::nullopt;
    return ReleaseAddress{*repository, std::string(tag)};
}

/// The addresses that a browser shows: `https://github.com/OWNER/REPOSITORY`, `/releases`, `/releases/latest`, `/releases/tag/TAG`.
std::optional<ReleaseAddress> parse_release_url(const Url& url, const std::string& server) {
    const auto base = parse_url(server);
    if (!base || url.origin() != base->origin()) return std::nullopt;
    std::string_view path = url.path;
    path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.push_back(percent_decoded(path.substr(0, end)));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    const auto repository = parts.size() < 2 ? std::nullopt : parse_repository_name(parts[0] + "/" + parts[1]);
    if (!repository) return std::nullopt;
    const bool is_latest =
        parts.size() == 2 || (parts[2] == "releases" && (parts.size() == 3 || (parts.size() == 4 && parts[3] == "latest")));
    if (is_latest) return ReleaseAddress{*repository, ""};
    if (parts.size() == 5 && parts[2] == "releases" && parts[3] == "tag") return ReleaseAddress{*repository, parts[4]};
    return std::nullopt;
}

Diagnostic no_wheels(const std::string& where, std::vector<std::string> hints = {}) {
    return {.code = "SB0563", .what = "no wheel is found in `" + printable(where) + "`", .hints = std::move(hints)};
}

class CandidateLoader {
  public:
    CandidateLoader(const CandidateRequest& request, const Edges& edges) : m_request(request), m_edges(edges) {}

    Result<CandidateList> run() {
        Diagnostics problems;
        for (const std::string& source : m_request.from) {
            const std::size_t begin = m_list.candidates.size();
            if (auto done = load_source(source); !done) {
                for (Diagnostic& problem : std::move(done).errors()) problems.push_back(std::move(problem));
            }
            std::stable_sort(m_list.candidates.begin() + static_cast<std::ptrdiff_t>(begin), m_list.candidates.end(),
                             [](const WheelCandidate& left, const WheelCandidate& right) { return left.name < right.name; });
        }
        if (!problems.empty()) return problems;
        return std::move(m_list);
    }

  private:
    Result<> load_source(const std::string& source) {
        if (m_edges.files.is_directory(source)) return load_directory(source);
        if (m_edges.files.is_file(source)) return load_file(source);
        const auto url = parse_url(source);
        if (url && url->scheme == "file") return load_file_url(*url);
        if (url) {
            const auto address = parse_release_url(*url, variable("GITHUB_SERVER_URL", "https://github.com"));
            return address ? load_release(*address) : load_index(source, *url);
        }
        if (const auto address = parse_release_address(source)) return load_release(*address);
        return Diagnostic{.code = "SB0561",
                          .what = "`" + printable(source) + "` is no source of wheels: no such file or directory, no URL and no release",
                          .hints = {"name a directory, a wheel, `https://HOST/simple/`, or a release as `OWNER/REPOSITORY@TAG`"}};
    }

    std::string variable(const std::string& name, const std::string& otherwise) const {
        const auto value = m_edges.environment.variable(name);
        return value && !value->empty() ? *value : otherwise;
    }

    /// Wheels of other projects need not be opened to be refused.
    bool is_wanted(const std::string& file_name) const {
        if (m_request.project.empty()) return true;
        const auto name = parse_wheel_name(file_name);
        return !name || normalise_project(name->distribution) == normalise_project(m_request.project);
    }

    void add_file(const std::string& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        if (is_wanted(name)) {
            m_list.candidates.push_back(load_candidate_file(path, m_edges, m_list.notes));
        } else {
            m_list.candidates.push_back({.name = name, .content = {}, .location = path, .sha256 = {}, .size = {}, .requires_python = {}});
        }
    }

    Result<> load_directory(const std::string& directory) {
        SAGEBUILD_TRY(const std::vector<std::string> names, m_edges.files.list(directory));
        std::size_t wheels = 0;
        for (const std::string& name : names) {
            const std::string path = directory + (directory.ends_with('/') ? "" : "/") + name;
            if (!name.ends_with(".whl") || !m_edges.files.is_file(path)) continue;
            add_file(path);
            ++wheels;
        }
        if (wheels > 0) return Unit{};
        const std::string project = normalise_project(m_request.project);
        for (const std::string& page : {directory + "/" + project + "/index.html", directory + "/index.html"}) {
            if (m_edges.files.is_file(page)) return load_page_file(page);
        }
        return no_wheels(directory);
    }

    Result<> load_file(const std::string& path) {
        if (!path.ends_with(".whl")) return load_page_file(path);
        add_file(path);
        return Unit{};
    }

    Result<> load_file_url(const Url& url) {
        std::string path = url.decoded_path();
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        return m_edges.files.is_directory(path) ? load_directory(path) : load_file(path);
    }

    Result<> load_page_file(const std::string& path) {
        constexpr std::size_t largest = std::size_t{64} << 20;
        SAGEBUILD_TRY(const std::string text, m_edges.files.read(path, largest));
        Url url;
        url.scheme = "file";
        url.path = m_edges.files.absolute(path);
        const bool is_json = text.find_first_not_of(" \t\r\n") != std::string::npos && text[text.find_first_not_of(" \t\r\n")] == '{';
        SAGEBUILD_TRY(const auto wheels, is_json ? parse_index_json(text, url) : parse_index_html(text, url));
        if (wheels.empty()) return no_wheels(path, project_hint());
        add_listed(wheels);
        return Unit{};
    }

    std::vector<std::string> project_hint() const {
        if (!m_request.project.empty()) return {};
        return {"if it is the root of an index, `--project NAME` says whose page is meant"};
    }

    void add_listed(const std::vector<ListedWheel>& wheels) {
        for (const ListedWheel& wheel : wheels) {
            WheelCandidate candidate{
                .name = wheel.name, .content = {}, .location = wheel.url.to_string(), .sha256 = {}, .size = {}, .requires_python = {}};
            const std::string path = wheel.url.decoded_path();
            if (wheel.url.scheme == "file" && m_edges.files.is_file(path) && is_wanted(wheel.name)) {
                candidate = load_candidate_file(path, m_edges, m_list.notes);
                candidate.location = wheel.url.to_string();
            }
            // What the index states counts: it is what pip and uv compare.
            if (!wheel.sha256.empty()) candidate.sha256 = wheel.sha256;
            if (wheel.size) candidate.size = wheel.size;
            if (!wheel.requires_python.empty()) candidate.requires_python = wheel.requires_python;
            candidate.yanked = wheel.yanked;
            m_list.candidates.push_back(std::move(candidate));
        }
    }

    Result<std::vector<ListedWheel>> load_page(const std::string& address) {
        SAGEBUILD_TRY(const HttpResponse response,
                      fetch(m_edges.http, {.url = address, .headers = {{"Accept", std::string(index_types)}}}));
        const auto page = parse_url(response.url);
        if (!page) return Diagnostic{.code = "SB0562", .what = "index page `" + printable(response.url) + "` has no usable address"};
        const bool is_json = response.header("content-type").find("json") != std::string::npos;
        return is_json ? parse_index_json(response.body, *page) : parse_index_html(response.body, *page);
    }

    /// A project's page below an index root comes first: roots are long (PyPI's has 40 MB), and some servers have none.
    Result<> load_index(const std::string& source, const Url& url) {
        const std::string project = normalise_project(m_request.project);
        const std::string last = url.path.ends_with('/') ? url.path.substr(0, url.path.size() - 1) : url.path;
        if (!project.empty() && !url.query && !last.ends_with("/" + project) && url.path.ends_with('/')) {
            const auto wheels = load_page(source + project + "/");
            if (!wheels && wheels.errors().front().code != "SB0609") return wheels.errors();
            if (wheels && !wheels->empty()) {
                add_listed(*wheels);
                return Unit{};
            }
        }
        SAGEBUILD_TRY(const auto wheels, load_page(source));
        if (wheels.empty()) return no_wheels(url.shown(), project_hint());
        add_listed(wheels);
        return Unit{};
    }

    Result<> load_release(const ReleaseAddress& address) {
        SAGEBUILD_TRY(GitHubRepository repository, load_github_repository({.repository = address.repository.to_string()}, m_edges));
        SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(m_edges.environment));
        GitHub github(m_edges, std::move(repository), std::move(patience));
        SAGEBUILD_TRY(const Release release, github.get_published(address.tag));
        std::vector<ListedWheel> wheels;
        for (const ReleaseAsset& asset : release.assets) {
            const auto url = parse_url(asset.url);
            if (asset.state != AssetState::uploaded || !is_listed_wheel_name(asset.name) || !url || url->scheme == "file") continue;
            wheels.push_back({.name = asset.name, .url = *url, .sha256 = asset.sha256, .size = asset.size});
        }
        if (wheels.empty()) return no_wheels(address.repository.to_string() + (address.tag.empty() ? "" : "@" + address.tag));
        add_listed(wheels);
        return Unit{};
    }

    const CandidateRequest& m_request;
    const Edges& m_edges;
    CandidateList m_list;
};

}  // namespace

Result<CandidateList> load_candidates(const CandidateRequest& request, const Edges& edges) {
    return CandidateLoader(request, edges).run();
}

}  // namespace sagebuild
