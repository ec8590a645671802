#include "app/index_build_sources.hpp"

#include <algorithm>
#include <map>

#include "app/github.hpp"
#include "app/published_wheel.hpp"
#include "app/select.hpp"
#include "core/url.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

class IndexSourceLoader {
  public:
    IndexSourceLoader(const GitHubRequest& access, const Compat& compat, const IndexState& known, const Edges& edges,
                      const FileStamps& stamps)
        : m_access(access), m_compat(compat), m_known(known), m_edges(edges), m_stamps(stamps) {}

    void load(const std::string& source) {
        const std::size_t begin = m_sources.wheels.size(), problems = m_problems.size();
        m_offered = 0;
        load_kind(source);
        if (m_offered == 0 && m_problems.size() == problems) {
            m_problems.push_back({.code = "SB0663", .what = "no wheel is found in " + quoted(source)});
        }
        sort_from(begin);
    }

    Result<IndexSources> finish() {
        if (!m_problems.empty()) return m_problems;
        return std::move(m_sources);
    }

  private:
    void load_kind(const std::string& source) {
        if (m_edges.files.is_directory(source)) return load_directory(source);
        if (m_edges.files.is_file(source)) return source.ends_with(".whl") ? load_file(source) : load_names(source);
        if (source.find('/') != std::string::npos && !source.starts_with('/') && source.find("://") == std::string::npos) {
            return load_release_source(source);
        }
        m_problems.push_back({.code = "SB0662",
                              .what = quoted(source) + " is no source of wheels: no such file or directory, and no release",
                              .hints = {"name a directory, a wheel, a names file, or a release as `OWNER/REPOSITORY@TAG`"}});
    }

    /// By name. Wheels are large, so places are sorted first.
    void sort_from(std::size_t begin) {
        std::vector<IndexedWheel>& wheels = m_sources.wheels;
        const auto first = wheels.begin() + static_cast<std::ptrdiff_t>(begin);
        std::vector<IndexedWheel*> order;
        order.reserve(wheels.size() - begin);
        for (auto wheel = first; wheel != wheels.end(); ++wheel) order.push_back(&*wheel);
        std::stable_sort(order.begin(), order.end(), [](const IndexedWheel* left, const IndexedWheel* right) {
            return left->wheel.wheel.name < right->wheel.wheel.name;
        });
        std::vector<IndexedWheel> sorted;
        sorted.reserve(order.size());
        for (IndexedWheel* wheel : order) sorted.push_back(std::move(*wheel));
        std::move(sorted.begin(), sorted.end(), first);
    }

    void add_problems(const Diagnostics& problems) { m_problems.insert(m_problems.end(), problems.begin(), problems.end()); }

    /// The parsed name, or a warning that tells why this file is in no index.
    std::optional<WheelName> read_name(const std::string& file, const std::string& where) {
        ++m_offered;
        auto name = parse_wheel_name(file);
        if (name) return *std::move(name);
        Diagnostic warning = std::move(name).errors().front();
        warning.code = "SB0660";
        warning.what += ", and is in no index";
        warning.notes.push_back("it comes from " + quoted(where));
        warning.severity = Severity::warning;
        m_sources.warnings.push_back(std::move(warning));
        return std::nullopt;
    }

    /// The wheel as an earlier run found it.
    std::optional<IndexedWheel> recall(const std::string& file, const WheelName& name, const std::string& identity) const {
        const auto found = m_known.wheels.find({file, identity});
        if (found == m_known.wheels.end()) return std::nullopt;
        const KnownWheel& known = found->second;
        IndexedWheel indexed;
        indexed.wheel.wheel = {.name = file,
                               .content = known.content,
                               .location = {},
                               .sha256 = known.sha256,
                               .size = known.size,
                               .requires_python = known.requires_python};
        indexed.wheel.name = name;
        indexed.wheel.facts = read_wheel_facts(name, m_compat);
        indexed.wheel.torch = known.torch;
        indexed.wheel.cuda = known.cuda;
        indexed.metadata_sha256 = known.metadata_sha256;
        indexed.identity = identity;
        return indexed;
    }

    void load_directory(const std::string& directory) {
        const auto names = m_edges.files.list(directory);
        if (!names) return add_problems(names.errors());
        for (const std::string& name : *names) {
            const std::string path = directory + (directory.ends_with('/') ? "" : "/") + name;
            if (name.ends_with(".whl") && m_edges.files.is_file(path)) load_file(path);
        }
    }

    void load_file(const std::string& path) {
        const std::string file = path.substr(path.rfind('/') + 1);
        const auto name = read_name(file, path);
        if (!name) return;
        const auto stamp = m_stamps.find(path);
        const std::string identity =
            stamp ? "size=" + std::to_string(stamp->size) + " modified=" + std::to_string(stamp->modified) : std::string();
        auto indexed = recall(file, *name, identity);
        if (!indexed) {
            auto opened = load_published_wheel(path, m_compat, m_edges);
            if (!opened) return add_problems(opened.errors());
            const std::string digest = sha256_hex(opened->metadata);
            indexed = IndexedWheel{.wheel = *std::move(opened), .copied_from = {}, .metadata_sha256 = digest, .identity = identity};
        }
        indexed->wheel.wheel.location = path;
        indexed->copied_from = path;
        indexed->serves_metadata = true;
        m_sources.wheels.push_back(*std::move(indexed));
    }

    void load_names(const std::string& path) {
        auto listed = load_candidate_names(m_edges, {path}, m_sources.warnings);
        if (!listed) return add_problems(listed.errors());
        m_sources.wheels.reserve(m_sources.wheels.size() + listed->size());
        for (WheelCandidate& candidate : *listed) {
            auto name = read_name(candidate.name, path);
            if (name) add_listed(std::move(candidate), *std::move(name), path);
        }
    }

    void add_listed(WheelCandidate candidate, WheelName name, const std::string& path) {
        const auto url = parse_url(candidate.location);
        if (!url || url->scheme == "file" || candidate.sha256.empty()) {
            m_problems.push_back({.code = "SB0665",
                                  .what = quoted(candidate.name) + " cannot be linked: it has no " +
                                          (candidate.sha256.empty() ? "`sha256`" : "`url` that begins with `https://`"),
                                  .place = {.file = path}});
            return;
        }
        IndexedWheel indexed;
        indexed.wheel.wheel = std::move(candidate);
        indexed.wheel.wheel.location = url->to_string();
        indexed.wheel.facts = read_wheel_facts(name, m_compat);
        indexed.wheel.torch = indexed.wheel.facts.torch;
        indexed.wheel.cuda = indexed.wheel.facts.cuda;
        indexed.wheel.name = std::move(name);
        m_sources.wheels.push_back(std::move(indexed));
    }

    /// `OWNER/REPOSITORY@TAG`: one release; without a tag all that are published.
    void load_release_source(const std::string& source) {
        const std::size_t at = std::min(source.find('@'), source.size());
        GitHubRequest request = m_access;
        request.repository = source.substr(0, at);
        auto repository = load_github_repository(request, m_edges);
        if (!repository) return add_problems(repository.errors());
        const auto patience = load_github_patience(m_edges.environment);
        if (!patience) return add_problems(patience.errors());
        GitHub github(m_edges, *std::move(repository), *patience);
        if (at < source.size()) {
            const auto release = github.get_published(source.substr(at + 1));
            return release ? load_release(github, *release) : add_problems(release.errors());
        }
        const auto releases = github.list_releases();
        if (!releases) return add_problems(releases.errors());
        for (const Release& release : *releases) {
            if (!release.draft) load_release(github, release);
        }
    }

    void load_release(GitHub& github, const Release& release) {
        const auto assets = github.list_assets(release.id);
        if (!assets) return add_problems(assets.errors());
        std::map<std::string_view, std::string_view> digests;
        for (const ReleaseAsset& asset : *assets) {
            if (asset.state == AssetState::uploaded) digests.emplace(asset.name, asset.sha256);
        }
        for (const ReleaseAsset& asset : *assets) {
            if (asset.state != AssetState::uploaded || !asset.name.ends_with(".whl")) continue;
            const auto name = read_name(asset.name, asset.url);
            if (!name) continue;
            auto indexed = open_asset(github, asset, *name);
            if (!indexed) {
                add_problems(indexed.errors());
                continue;
            }
            // Only what is really served beside the wheel may be promised (PEP 658).
            const auto beside = digests.find(asset.name + ".metadata");
            indexed->serves_metadata = beside != digests.end() && beside->second == indexed->metadata_sha256;
            m_sources.wheels.push_back(*std::move(indexed));
        }
    }

    Result<IndexedWheel> open_asset(GitHub& github, const ReleaseAsset& asset, const WheelName& name) {
        const auto url = parse_url(asset.url);
        if (!url || url->scheme == "file") {
            return Diagnostic{.code = "SB0665", .what = quoted(asset.name) + " cannot be linked: its release gives it no address"};
        }
        const std::string identity = asset.sha256.empty() ? "asset=" + std::to_string(asset.id) + " size=" + std::to_string(asset.size) +
                                                                " updated=" + asset.updated_at
                                                          : "sha256=" + asset.sha256;
        auto indexed = recall(asset.name, name, identity);
        if (!indexed) {
            std::string bytes;
            SAGEBUILD_CHECK(github.download_asset(asset, [&bytes](std::string_view piece) -> Result<> {
                bytes += piece;
                return Unit{};
            }));
            const std::string found = sha256_hex(bytes);
            if (!asset.sha256.empty() && found != asset.sha256) {
                return Diagnostic{.code = "SB0667",
                                  .what = quoted(asset.name) + " is not the published one",
                                  .notes = {"its release states sha256 " + asset.sha256, "downloaded were bytes of sha256 " + found}};
            }
            SAGEBUILD_TRY(PublishedWheel opened, open_published_wheel(bytes, asset.name, m_compat));
            const std::string digest = sha256_hex(opened.metadata);
            indexed = IndexedWheel{.wheel = std::move(opened), .copied_from = {}, .metadata_sha256 = digest, .identity = identity};
        }
        indexed->wheel.wheel.location = url->to_string();
        indexed->wheel.upload_time = asset.updated_at;
        return *std::move(indexed);
    }

    const GitHubRequest& m_access;
    const Compat& m_compat;
    const IndexState& m_known;
    const Edges& m_edges;
    const FileStamps& m_stamps;
    IndexSources m_sources;
    Diagnostics m_problems;
    std::size_t m_offered = 0;  ///< wheels of the source that is being read
};

}  // namespace

Result<IndexSources> load_index_sources(const std::vector<std::string>& from, const GitHubRequest& access, const Compat& compat,
                                        const IndexState& known, const Edges& edges, const FileStamps& stamps) {
    IndexSourceLoader loader(access, compat, known, edges, stamps);
    for (const std::string& source : from) loader.load(source);
    return loader.finish();
}

KnownWheel remember_wheel(const IndexedWheel& wheel) {
    const WheelCandidate& candidate = wheel.wheel.wheel;
    return {.content = candidate.content,
            .sha256 = candidate.sha256,
            .size = candidate.size.value_or(0),
            .requires_python = candidate.requires_python,
            .torch = wheel.wheel.torch,
            .cuda = wheel.wheel.cuda,
            .metadata_sha256 = wheel.metadata_sha256};
}

}  // namespace sagebuild
