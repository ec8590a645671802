#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/result.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// The wheels of a names file.
struct CandidateReading {
    std::vector<WheelCandidate> candidates;  ///< each name once, in the order of the file
    Diagnostics warnings;                    ///< keys that nothing reads
};

/// Reads a names file from untrusted text (docs/select.md): a file name or a JSON object a line; empty lines and lines that begin with `#`
/// mean nothing. Whether a name is a wheel's is for others to judge. Code SB0422.
Result<CandidateReading> parse_candidate_names(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
