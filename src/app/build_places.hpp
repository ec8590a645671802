#pragma once

#include <string>

#include "app/edges.hpp"
#include "core/plan.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Where a build reads and writes, all absolute.
struct BuildPlaces {
    std::string project_root;
    std::string build_directory;  ///< `.sagebuild` in the project root unless given
    std::string cache_directory;  ///< toolchains and the like, shared by all projects
};

/// `$XDG_CACHE_HOME/sagebuild`, `~/.cache/sagebuild`, or below the working directory where neither is known.
std::string cache_directory(const Environment& environment);

/// @param build_directory `--build-dir`, may be empty
Result<BuildPlaces> find_build_places(const Edges& edges, const std::string& project_root, const std::string& build_directory);

/// The settings of plans made here: host platform, SOURCE_DATE_EPOCH. Error SB0509 for a time that is no number.
Result<PlanSettings> make_plan_settings(const Edges& edges, const BuildPlaces& places, const std::string& version);

}  // namespace sagebuild
