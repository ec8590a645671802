#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sagebuild {

/// One file of a project's page.
struct IndexFile {
    std::string name;
    std::string url;  ///< relative to the page or absolute, percent-encoded, without fragment
    std::string sha256;
    std::optional<std::uint64_t> size = {};
    std::string requires_python = {};
    std::string upload_time = {};            ///< ISO 8601 UTC, empty: unknown
    std::optional<std::string> yanked = {};  ///< the reason, which may be empty
    std::string metadata_sha256 = {};        ///< of the METADATA that is served as `URL.metadata`; empty: none is
};

struct IndexProject {
    std::string name;                   ///< normalised (PEP 503)
    std::vector<std::string> versions;  ///< oldest first
    std::vector<IndexFile> files;       ///< by name
};

/// A project's page: PEP 503 with 592 (yanks), 629, 658 and 714 (metadata). Everything in it is untrusted and escaped; control
/// characters and bytes that are not UTF-8 are shown as `\\xNN`.
std::string render_project_html(const IndexProject& project);
/// The same after PEP 691; with PEP 700 (version 1.1) if the size of every file is known, which that version demands.
std::string render_project_json(const IndexProject& project);

/// The list of an index's projects, by name.
std::string render_project_list_html(const std::vector<std::string>& projects);
std::string render_project_list_json(const std::vector<std::string>& projects);

/// What the page for people says of one index.
struct IndexSummary {
    std::string directory;  ///< `torch2.8-cu129`
    std::vector<std::string> projects;
    std::size_t wheels = 0;

    bool operator==(const IndexSummary&) const = default;
};

/// The page for people: the indexes of a site, how they are given to pip and uv, and the wheel finder in `finder/`. No index itself: its
/// links are no projects.
std::string render_site_page(const std::vector<IndexSummary>& indexes);

}  // namespace sagebuild
