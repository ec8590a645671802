#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/compat.hpp"
#include "core/result.hpp"
#include "core/wheel_candidate.hpp"
#include "core/wheel_environment.hpp"
#include "core/wheel_selection.hpp"

namespace sagebuild {

/// What the command line says about an environment; each outranks the file.
struct EnvironmentOptions {
    std::string file;                  ///< `--environment`
    std::string dockerfile;            ///< `--dockerfile`
    std::string image;                 ///< `--image`
    std::optional<std::string> probe;  ///< `--probe`: an interpreter, or empty for the one that is found
    std::optional<std::string> python;
    std::optional<std::string> torch;
    std::optional<std::string> driver;
    std::optional<std::string> glibc;
    std::optional<std::string> os;
    std::optional<std::string> arch;
    std::vector<std::string> gpus;
};

struct SelectRequest {
    EnvironmentOptions environment;
    std::vector<std::string> names_files;
    std::vector<std::string> from;  ///< directories, wheels, indexes, releases
    std::string project;            ///< empty: any
    std::string matrix_directory;   ///< for its compatibility data
};

struct SelectReport {
    WheelEnvironment environment;
    std::vector<WheelCandidate> candidates;
    WheelSelection selection;
    Diagnostics warnings;
    std::vector<std::string> notes;  ///< where facts come from, and why others are not known
    double seconds = 0;              ///< that judging and ordering took
};

/// The environment that a file, a Dockerfile, a container image or this machine has; single options outrank it. Codes SB0421, SB0423 and
/// those of probing, of images and of Dockerfiles. Fills `warnings` and `notes`.
Result<WheelEnvironment> load_environment(const Edges& edges, const EnvironmentOptions& options, const Compat& compat,
                                          SelectReport& report);

/// The wheels of names files, each name once.
Result<std::vector<WheelCandidate>> load_candidate_names(const Edges& edges, const std::vector<std::string>& files, Diagnostics& warnings);

Result<SelectReport> select_from(const Edges& edges, const SelectRequest& request);

/// Why nothing was picked: SB0420, or SB0424 if wheels of several projects fit.
Diagnostic explain_no_pick(const SelectReport& report, const std::string& project);

}  // namespace sagebuild
