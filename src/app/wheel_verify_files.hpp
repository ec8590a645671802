#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/wheel_verify.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct VerifyRequest {
    std::vector<std::string> files;
    std::string target;            ///< compared with this target; empty: with the one that the matrix names so
    std::string matrix_directory;  ///< `--matrix`
};

struct VerifiedFile {
    std::string path;
    WheelReport report;
};

/// Checks each file, against the matrix where there is one. Without any matrix a wheel is compared with its own manifest only, and the
/// report says so. Fails as a whole when the matrix is named but cannot be used.
Result<std::vector<VerifiedFile>> verify_wheel_files(const VerifyRequest& request, const Edges& edges);

}  // namespace sagebuild
