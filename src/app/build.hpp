#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/edges.hpp"
#include "app/matrix_load.hpp"
#include "core/plan.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct BuildRequest {
    std::vector<Target> targets;
    std::string out = "dist";
    std::string build_directory = {};  ///< empty: `.sagebuild` in the project root
    int jobs = 0;                      ///< 0: ninja's choice
    bool dry_run = false;
    std::string version;  ///< of sagebuild
};

/// How far a build is.
struct BuildProgress {
    int finished = 0;
    int total = 0;
    std::string step;  ///< id of the step that just ended
    double elapsed_seconds = 0;
    double left_seconds = 0;  ///< estimated from the steps so far
};

/// What the steps are and which of them have to run.
struct BuildOutline {
    Plan plan;
    Plan pending;
    std::map<std::string, std::vector<std::string>> reasons;  ///< by id of a pending step
};

struct BuiltWheel {
    Target target;
    std::string path;
    std::size_t size = 0;
    bool is_new = false;  ///< written by this run
};

struct BuildReport {
    BuildOutline outline;
    std::vector<BuiltWheel> wheels;  ///< in the request's order; none after a dry run or an interrupt
    double seconds = 0;
    bool interrupted = false;
};

/// Is told about a build while it runs.
class BuildObserver {
  public:
    virtual ~BuildObserver() = default;
    virtual void on_wait(const std::string& build_directory) = 0;  ///< another build holds the directory
    virtual void on_outline(const BuildOutline& outline) = 0;
    virtual void on_progress(const BuildProgress& progress) = 0;
};

/// Makes the wheels with ninja and copies them to `out`. Finished steps are kept whatever happens. Errors: those of plans, SB0506 to
/// SB0509.
Result<BuildReport> build(const BuildRequest& request, const LoadedMatrix& loaded, const Edges& edges, BuildObserver& observer);

}  // namespace sagebuild
