#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/bake.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// A file that follows from the matrix and the templates.
struct RenderedFile {
    std::string path;  ///< relative to the project root
    std::string bytes;
};

/// All that container builds read of the matrix: docker-bake.hcl, the Dockerfiles, and per toolkit the device plans and pinned wheels.
struct BakeFiles {
    BakeFile bake;
    std::vector<RenderedFile> files;  ///< by path
};

/// Errors SB0305, SB0307.
Result<BakeFiles> render_bake_files(const LoadedMatrix& loaded, const Edges& edges);

/// How the files below the project root differ from the rendered ones.
struct BakeDifference {
    std::string path;
    std::string what;  ///< `is missing`, `differs in line 12`, `belongs to no target`
};
Result<std::vector<BakeDifference>> compare_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges);

/// SB0308 for differing files, nothing if there are none.
Result<> check_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges);

/// Writes what differs and removes what belongs to no target; the paths concerned.
Result<std::vector<std::string>> write_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges);

}  // namespace sagebuild
