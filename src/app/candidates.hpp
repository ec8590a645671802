#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/result.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

struct CandidateRequest {
    /// `--from`, several: a directory of wheels, a wheel, an index page (`file://`, `https://`, or a saved one), a GitHub release
    /// (`OWNER/REPOSITORY`, `OWNER/REPOSITORY@TAG` or its address)
    std::vector<std::string> from;
    std::string project;  ///< `--project`: its page is looked for below an index, and only its wheels are opened
};

struct CandidateList {
    std::vector<WheelCandidate> candidates;  ///< in the order of the sources, each by name
    std::vector<std::string> notes;          ///< wheels whose content could not be read, and why
};

/// The wheels that the sources offer. What lies on this machine is opened, and its content is known; of all else the name, digest and what
/// the index states. Fails with SB0561 for a source of no known kind, SB0562 and SB0564 for answers that cannot be understood, SB0563 for a
/// source without wheels, and the codes of HTTP.
Result<CandidateList> load_candidates(const CandidateRequest& request, const Edges& edges);

}  // namespace sagebuild
