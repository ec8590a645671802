#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/github.hpp"
#include "core/result.hpp"
#include "edge/file_stamps.hpp"
#include "text/simple_index.hpp"

namespace sagebuild {

struct IndexBuildRequest {
    std::string out;                ///< `--out`, the site's root
    std::vector<std::string> from;  ///< `--from`: directories, wheels, names files, GitHub releases
    std::string yanked_file;        ///< `--yanked`
    GitHubRequest github;           ///< `--api`, `--token-file`; the repositories are in `from`
    bool variants = false;          ///< `--variants`: also an index of variant wheels
    std::string matrix_directory;
};

struct IndexBuildReport {
    std::vector<IndexSummary> indexes;  ///< by directory
    Diagnostics warnings;               ///< wheels that were left out, with their reasons
    std::size_t written = 0;            ///< files, made or changed
    std::size_t unchanged = 0;
    std::size_t removed = 0;  ///< of an earlier run, no longer wanted
};

/// Writes a site of package indexes for any static host: `simple/` and `universal/` with the wheels that run beside every torch and CUDA,
/// one index for each (torch, CUDA), `files/` with the wheels of this machine and their METADATA, and a page for people. All links are
/// relative. The same wheels give the same bytes; unchanged files are left alone; wheels and metadata come before the pages that name them,
/// and every file is replaced by renaming, so a reader always sees a whole index and a killed run is finished by the next. Codes SB0661 to
/// SB0668, those of wheels (SB04xx), of YAML and of HTTP.
Result<IndexBuildReport> build_index(const IndexBuildRequest& request, const Edges& edges, const FileStamps& stamps);

}  // namespace sagebuild
