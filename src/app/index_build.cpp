#include "app/index_build.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <unordered_map>

#include "app/index_build_finder.hpp"
#include "app/index_build_sources.hpp"
#include "app/index_build_variants.hpp"
#include "app/matrix_load.hpp"
#include "app/published_wheel.hpp"
#include "core/error_at.hpp"
#include "core/glob.hpp"
#include "core/index_place.hpp"
#include "core/nearest.hpp"
#include "core/python_version_order.hpp"
#include "core/url.hpp"
#include "text/sha256.hpp"
#include "text/simple_index_yanks.hpp"

namespace sagebuild {

namespace {

constexpr std::string_view state_name = ".sagebuild-index.json";
constexpr std::string_view root_index = "simple";
constexpr std::string_view variant_index = "variants";

using Project = std::vector<const IndexedWheel*>;
using Index = std::map<std::string, Project>;  ///< by normalised name

std::string path_of_copy(const WheelCandidate& wheel) {
    return directory_of_copy(wheel) + wheel.name;
}

/// Names of one wheel in different spelling are one file for installers (PEP 503, PEP 427).
std::string identity_of(const WheelName& name) {
    std::string out = render_wheel_name(name).substr(name.distribution.size());
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return normalise_project(name.distribution) + out;
}

/// Oldest first; what is no version comes before all.
std::vector<std::string> sorted_versions(const Project& wheels) {
    std::vector<std::pair<std::optional<PythonVersionOrder>, std::string>> versions;
    std::set<std::string> seen;
    for (const IndexedWheel* wheel : wheels) {
        const std::string& version = wheel->wheel.name.version;
        if (seen.insert(version).second) versions.emplace_back(parse_python_version(version), version);
    }
    std::sort(versions.begin(), versions.end(), [](const auto& left, const auto& right) {
        if (!left.first || !right.first) return left.first.has_value() < right.first.has_value();
        const auto order = left.first->compare_public(*right.first);
        return order != 0 ? order < 0 : left.first->compare_local(*right.first) < 0;
    });
    std::vector<std::string> out;
    for (auto& [order, version] : versions) out.push_back(std::move(version));
    return out;
}

IndexFile describe_file(const IndexedWheel& indexed) {
    const WheelCandidate& wheel = indexed.wheel.wheel;
    IndexFile file{.name = wheel.name,
                   .url = wheel.location,
                   .sha256 = wheel.sha256,
                   .size = wheel.size,
                   .requires_python = wheel.requires_python,
                   .upload_time = indexed.wheel.upload_time};
    if (!indexed.copied_from.empty()) {
        file.url = "../../" + directory_of_copy(wheel) + percent_encoded(wheel.name);
    }
    if (wheel.yanked) file.yanked = indexed.wheel.yanked_reason;
    if (indexed.serves_metadata) file.metadata_sha256 = indexed.metadata_sha256;
    return file;
}

class IndexBuilder {
  public:
    IndexBuilder(const IndexBuildRequest& request, const Edges& edges, const FileStamps& stamps)
        : m_request(request), m_edges(edges), m_stamps(stamps) {}

    Result<IndexBuildReport> run() {
        SAGEBUILD_TRY(const auto lock, m_edges.files.lock(path_in_site(".sagebuild-index.lock"), [] {}));
        SAGEBUILD_CHECK(load());
        SAGEBUILD_CHECK(join_equal_wheels());
        SAGEBUILD_CHECK(enter_yanks());
        place_wheels();
        // As long as all other pages together, and made beside them.
        m_finder = std::async(std::launch::async, [wheels = m_indexed, this] { return make_index_finder(wheels, m_compat); });
        if (m_request.variants) SAGEBUILD_CHECK(add_variants());
        render_pages();
        SAGEBUILD_CHECK(check_foreign_files());
        SAGEBUILD_CHECK(write_site());
        return std::move(m_report);
    }

  private:
    std::string path_in_site(std::string_view path) const {
        return m_request.out + (m_request.out.ends_with('/') ? "" : "/") + std::string(path);
    }

    Result<> load() {
        const std::string path = path_in_site(state_name);
        if (m_edges.files.is_file(path)) {
            SAGEBUILD_TRY(const std::string text, m_edges.files.read(path));
            SAGEBUILD_TRY(m_before, parse_index_state(text, path));
        }
        SAGEBUILD_TRY(m_compat, load_compat_of(m_edges, m_request.matrix_directory));
        SAGEBUILD_TRY(IndexSources sources, load_index_sources(m_request.from, m_request.github, m_compat, m_before, m_edges, m_stamps));
        m_wheels = std::move(sources.wheels);
        m_report.warnings = std::move(sources.warnings);
        return Unit{};
    }

    /// A wheel that two sources offer is taken from the first; what differs is an error.
    Result<> join_equal_wheels() {
        std::unordered_map<std::string, std::size_t> first;
        std::vector<IndexedWheel> kept;
        kept.reserve(m_wheels.size());
        Diagnostics problems;
        for (IndexedWheel& wheel : m_wheels) {
            const auto [known, is_new] = first.emplace(identity_of(wheel.wheel.name), kept.size());
            if (is_new) {
                kept.push_back(std::move(wheel));
                continue;
            }
            const WheelCandidate& one = kept[known->second].wheel.wheel;
            const WheelCandidate& other = wheel.wheel.wheel;
            if (one.sha256 == other.sha256) continue;
            Diagnostic problem{.code = "SB0661", .what = "two wheels with different bytes are named `" + printable(other.name, 160) + "`"};
            for (const WheelCandidate* offered : {&one, &other}) {
                problem.notes.push_back("sha256 " + offered->sha256 + " is offered by `" + printable(offered->location) + "`");
            }
            problem.hints.emplace_back("leave one of the sources out, or give the newer wheel another version or build tag");
            problems.push_back(std::move(problem));
        }
        if (!problems.empty()) return problems;
        m_wheels = std::move(kept);
        return Unit{};
    }

    Result<> enter_yanks() {
        if (m_request.yanked_file.empty()) return Unit{};
        SAGEBUILD_TRY(const std::string text, m_edges.files.read(m_request.yanked_file));
        SAGEBUILD_TRY(const auto yanks, parse_yanks(text, m_request.yanked_file));
        Diagnostics problems;
        for (const Yank& yank : yanks) {
            bool is_used = false;
            for (IndexedWheel& wheel : m_wheels) {
                if (!matches_glob(yank.pattern.value, wheel.wheel.wheel.name)) continue;
                wheel.wheel.wheel.yanked = is_used = true;
                wheel.wheel.yanked_reason = yank.reason;
            }
            if (is_used) continue;
            Diagnostic problem =
                error_at(yank.pattern, "SB0666", "no wheel of the sources is named `" + printable(yank.pattern.value, 160) + "`");
            std::vector<std::string> names;
            for (const IndexedWheel& wheel : m_wheels) names.push_back(wheel.wheel.wheel.name);
            problem.nearest = find_nearest(yank.pattern.value, names);
            problems.push_back(std::move(problem));
        }
        if (!problems.empty()) return problems;
        return Unit{};
    }

    void place_wheels() {
        m_indexes[std::string(root_index)];  // stands in every site, if empty
        for (const IndexedWheel& wheel : m_wheels) {
            const IndexPlace place = find_index_place(wheel.wheel);
            if (place.directory.empty()) {
                m_report.warnings.push_back(
                    {.code = "SB0660",
                     .what = "`" + printable(wheel.wheel.wheel.name, 160) + "` " + place.reason + ", and is in no index",
                     .notes = {"it comes from `" + printable(wheel.wheel.wheel.location) + "`"},
                     .severity = Severity::warning});
                continue;
            }
            const std::string project = normalise_project(wheel.wheel.name.distribution);
            m_indexes[place.directory][project].push_back(&wheel);
            if (place.directory == universal_index) m_indexes[std::string(root_index)][project].push_back(&wheel);
            m_indexed.push_back(&wheel);
        }
    }

    /// Wheels that fit everywhere stand beside the variants, so that an installer that knows none takes these.
    Result<> add_variants() {
        std::vector<const IndexedWheel*> for_one_torch;
        for (const IndexedWheel* wheel : m_indexed) {
            if (find_index_place(wheel->wheel).directory != universal_index) for_one_torch.push_back(wheel);
        }
        SAGEBUILD_TRY(m_variants, make_variant_index(for_one_torch, m_before, m_edges));
        m_report.warnings.insert(m_report.warnings.end(), m_variants.warnings.begin(), m_variants.warnings.end());
        Index& index = m_indexes[std::string(variant_index)] = m_indexes[std::string(root_index)];
        for (const IndexedWheel& wheel : m_variants.wheels) {
            index[normalise_project(wheel.wheel.name.distribution)].push_back(&wheel);
            m_indexed.push_back(&wheel);
        }
        return Unit{};
    }

    /// `{name}-{version}-variants.json` lies beside the page, which links to it like to a wheel (PEP 825, «Index-level metadata»).
    void add_documents(const std::string& directory, IndexProject& project) {
        const auto documents = m_variants.documents.find(project.name);
        if (directory != variant_index || documents == m_variants.documents.end()) return;
        for (const auto& [name, bytes] : documents->second) {
            project.files.push_back({.name = name, .url = percent_encoded(name), .sha256 = sha256_hex(bytes), .size = bytes.size()});
            m_pages[directory + "/" + project.name + "/" + name] = bytes;
        }
    }

    void render_pages() {
        for (auto& [directory, projects] : m_indexes) {
            IndexSummary summary{.directory = directory, .projects = {}, .wheels = 0};
            for (auto& [name, wheels] : projects) {
                std::sort(wheels.begin(), wheels.end(), [](const IndexedWheel* left, const IndexedWheel* right) {
                    return left->wheel.wheel.name < right->wheel.wheel.name;
                });
                IndexProject project{.name = name, .versions = sorted_versions(wheels), .files = {}};
                for (const IndexedWheel* wheel : wheels) project.files.push_back(describe_file(*wheel));
                add_documents(directory, project);
                m_pages[directory + "/" + name + "/index.html"] = render_project_html(project);
                m_pages[directory + "/" + name + "/index.json"] = render_project_json(project);
                summary.projects.push_back(name);
                summary.wheels += wheels.size();
            }
            m_pages[directory + "/index.html"] = render_project_list_html(summary.projects);
            m_pages[directory + "/index.json"] = render_project_list_json(summary.projects);
            m_report.indexes.push_back(std::move(summary));
        }
        m_pages["index.html"] = render_site_page(m_report.indexes);
        m_pages[std::string(index_finder_path)];  // its bytes come last
    }

    Result<> check_foreign_files() {
        Diagnostics problems;
        for (const auto& [path, bytes] : m_pages) {
            if (std::binary_search(m_before.files.begin(), m_before.files.end(), path) || !m_edges.files.is_file(path_in_site(path)))
                continue;
            problems.push_back({.code = "SB0664",
                                .what = "`" + path_in_site(path) + "` is not of this index, and would be overwritten",
                                .hints = {"choose another directory for `--out`, or move the file away"}});
        }
        if (!problems.empty()) return problems;
        return Unit{};
    }

    /// Notes of what is about to be written come first, so that the next run knows its own files whenever this one ends.
    Result<> write_site() {
        IndexState after;
        for (const auto& [path, bytes] : m_pages) after.files.push_back(path);
        for (const IndexedWheel& wheel : m_variants.wheels) {
            after.wheels.emplace(IndexState::Key{wheel.wheel.wheel.name, wheel.identity}, remember_wheel(wheel));
        }
        for (const IndexedWheel& wheel : m_wheels) {
            if (!wheel.identity.empty())
                after.wheels.emplace(IndexState::Key{wheel.wheel.wheel.name, wheel.identity}, remember_wheel(wheel));
        }
        for (const IndexedWheel* wheel : m_indexed) {
            if (wheel->copied_from.empty()) continue;
            after.files.push_back(path_of_copy(wheel->wheel.wheel));
            after.files.push_back(path_of_copy(wheel->wheel.wheel) + ".metadata");
        }
        std::sort(after.files.begin(), after.files.end());
        IndexState during = after;
        during.files.clear();
        std::set_union(m_before.files.begin(), m_before.files.end(), after.files.begin(), after.files.end(),
                       std::back_inserter(during.files));
        SAGEBUILD_CHECK(m_edges.files.write_if_changed(path_in_site(state_name), render_index_state(during)));
        for (const IndexedWheel* wheel : m_indexed) {
            if (!wheel->copied_from.empty()) SAGEBUILD_CHECK(copy_wheel(*wheel));
        }
        SAGEBUILD_CHECK(write_pages());
        SAGEBUILD_CHECK(remove_unwanted(after.files));
        SAGEBUILD_CHECK(m_edges.files.write_if_changed(path_in_site(state_name), render_index_state(after)));
        return Unit{};
    }

    Result<> copy_wheel(const IndexedWheel& indexed) {
        const WheelCandidate& wheel = indexed.wheel.wheel;
        const std::string path = path_in_site(path_of_copy(wheel));
        const auto present = m_stamps.find(path);
        if (present && present->size == wheel.size && m_edges.files.is_file(path + ".metadata")) {
            m_report.unchanged += 2;
            return Unit{};
        }
        SAGEBUILD_TRY(const std::string source, m_edges.files.read(indexed.copied_from));
        std::string bytes = source;
        if (indexed.variant) {
            SAGEBUILD_TRY(bytes, make_variant_wheel(source, *indexed.variant));
        }
        if (sha256_hex(bytes) != wheel.sha256) {
            return Diagnostic{.code = "SB0661",
                              .what = "`" + printable(indexed.copied_from) + "` has changed since it was opened",
                              .hints = {"run again when nothing writes it"}};
        }
        std::string metadata = indexed.wheel.metadata;
        if (metadata.empty()) {
            SAGEBUILD_TRY(PublishedWheel opened, open_published_wheel(source, indexed.copied_from, m_compat));
            metadata = std::move(opened.metadata);
        }
        SAGEBUILD_CHECK(m_edges.files.write(path + ".metadata", metadata));
        SAGEBUILD_CHECK(m_edges.files.write(path, bytes));
        m_report.written += 2;
        return Unit{};
    }

    /// Project pages before the lists that link to them, the page for people last.
    Result<> write_pages() {
        m_pages[std::string(index_finder_path)] = m_finder.get();
        std::vector<const std::pair<const std::string, std::string>*> pages;
        for (const auto& page : m_pages) pages.push_back(&page);
        const auto depth = [](const std::string& path) { return std::count(path.begin(), path.end(), '/'); };
        std::stable_sort(pages.begin(), pages.end(),
                         [&](const auto* left, const auto* right) { return depth(left->first) > depth(right->first); });
        for (const auto* page : pages) {
            SAGEBUILD_TRY(const bool is_written, m_edges.files.write_if_changed(path_in_site(page->first), page->second));
            ++(is_written ? m_report.written : m_report.unchanged);
        }
        return Unit{};
    }

    /// Pages go before the files that they name.
    Result<> remove_unwanted(const std::vector<std::string>& wanted) {
        std::vector<std::string> unwanted;
        std::set_difference(m_before.files.begin(), m_before.files.end(), wanted.begin(), wanted.end(), std::back_inserter(unwanted));
        std::stable_partition(unwanted.begin(), unwanted.end(), [](const std::string& path) { return !path.starts_with("files/"); });
        for (std::string path : unwanted) {
            SAGEBUILD_CHECK(m_edges.files.remove_tree(path_in_site(path)));
            ++m_report.removed;
            for (std::size_t slash = path.rfind('/'); slash != std::string::npos; slash = path.rfind('/')) {
                path.resize(slash);
                const auto rest = m_edges.files.list(path_in_site(path));
                if (!rest || !rest->empty()) break;
                SAGEBUILD_CHECK(m_edges.files.remove_tree(path_in_site(path)));
            }
        }
        return Unit{};
    }

    const IndexBuildRequest& m_request;
    const Edges& m_edges;
    const FileStamps& m_stamps;
    IndexState m_before;
    Compat m_compat;
    std::vector<IndexedWheel> m_wheels;
    std::vector<const IndexedWheel*> m_indexed;  ///< those that stand in an index
    VariantIndex m_variants;
    std::map<std::string, Index> m_indexes;      ///< by directory
    std::map<std::string, std::string> m_pages;  ///< bytes by path
    IndexBuildReport m_report;
    std::future<std::string> m_finder;  ///< reads the wheels and m_compat, so it ends before they do
};

}  // namespace

Result<IndexBuildReport> build_index(const IndexBuildRequest& request, const Edges& edges, const FileStamps& stamps) {
    return IndexBuilder(request, edges, stamps).run();
}

}  // namespace sagebuild
