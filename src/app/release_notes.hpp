#pragma once

#include <functional>
#include <string>

#include "app/edges.hpp"
#include "app/github.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct ReleaseNotesRequest {
    GitHubRequest github;
    std::string tag;
    std::string from = "dist";     ///< directory of the wheels
    std::string template_file;     ///< empty: the tool's own
    std::string since;             ///< checksums of an earlier release, a directory with them, or its tag; empty: nothing is compared
    std::string matrix_directory;  ///< `--matrix`
};

/// Notes in Markdown, made from the wheels. Only the tag of an earlier release needs a network. Errors: those of the wheels, SB0623 for tag
/// and repository, SB0641 earlier checksums, SB0650, SB0651 and SB0653 of the template, SB0652 no earlier release.
Result<std::string> make_release_notes(const ReleaseNotesRequest& request, const Edges& edges,
                                       const std::function<void(const std::string& why, double seconds)>& on_wait);

}  // namespace sagebuild
