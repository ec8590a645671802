#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/published_wheel.hpp"
#include "core/release_plan.hpp"

namespace sagebuild {

/// What a release is made of.
struct ReleaseContents {
    std::vector<OutgoingFile> files;  ///< wheels, and documents where wanted
    std::vector<PublishedWheel> wheels;
};

/// The wheels of directories and files, each verified; all problems of all wheels at once. With documents: checksums, provenance and bills
/// of materials too. SB0631: no wheels.
Result<ReleaseContents> load_release_contents(const std::vector<std::string>& from, bool with_documents,
                                              const std::string& matrix_directory, const Edges& edges);

}  // namespace sagebuild
