#pragma once

#include <optional>
#include <string>

#include "core/naming_scheme.hpp"
#include "core/version.hpp"
#include "core/wheel_candidate.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

/// A wheel that is published or about to be: in a release, in an index.
struct PublishedWheel {
    WheelCandidate wheel;  ///< `location` is a path or the download URL
    WheelName name;
    WheelFacts facts;              ///< what the name says
    std::optional<Version> torch;  ///< made for: by the manifest, else METADATA, else the name; empty: any
    std::optional<Version> cuda;   ///< likewise
    std::string metadata;          ///< bytes of METADATA, empty if the wheel was not opened
    std::string manifest;          ///< bytes of `sagebuild.json`, empty if the wheel was not opened or another tool made it
    std::string upload_time;       ///< ISO 8601 UTC of the release asset, empty: unknown
    std::string yanked_reason;
};

}  // namespace sagebuild
