#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/bake_files.hpp"
#include "app/docker.hpp"
#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct BakeRequest {
    std::vector<std::string> names;  ///< of docker-bake.hcl
    std::vector<std::string> sets;   ///< `--set`, as buildx takes them
    std::string builder = {};
    std::string progress = {};
    bool no_cache = false;
    std::string out = {};  ///< where the wheels go instead of docker-bake.hcl's `./dist`
};

struct BakeReport {
    std::vector<std::string> wheels;  ///< paths of those that are there now, in matrix order
    bool interrupted = false;
};

/// Runs `docker buildx bake`; each line that it writes goes to `on_line`, before them one that tells which caches are on.
/// The files must be current (SB0308). Errors: those of find_docker_builder(), SB0514, SB0516.
Result<BakeReport> bake(const BakeRequest& request, const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges,
                        const std::function<void(std::string_view)>& on_line);

/// Why a build should not go to Docker by itself: no engine, or an image that the engine's own builder would have to pull. Empty: nothing.
Result<std::string> explain_no_docker(const BakeFiles& files, const std::vector<std::string>& names, const Edges& edges);

}  // namespace sagebuild
