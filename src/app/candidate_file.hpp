#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/byte_source.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// One wheel file, opened: digest, size, `Requires-Python`, the device images really inside, whether our manifest is, and what cannot be
/// read of it.
struct OpenedWheel {
    WheelCandidate candidate;
    std::string metadata;   ///< bytes of METADATA, empty if there is none
    std::string manifest;   ///< bytes of `sagebuild.json`, empty if there is none
    Diagnostics unknown;    ///< why the images are not known: archive, libraries
    Diagnostics malformed;  ///< what is wrong with METADATA and `sagebuild.json`
};

/// Opens an untrusted wheel, which lies at `path`. Memory grows with its libraries and METADATA, not with the rest.
Result<OpenedWheel> open_wheel(const ByteFile& file, const std::string& path);

/// A wheel on this machine as far as it can be read. A file that cannot be read as a wheel is known by its name only, and a note says why.
WheelCandidate load_candidate_file(const std::string& path, const Edges& edges, std::vector<std::string>& notes);

}  // namespace sagebuild
