#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/target.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What one job of a CI run makes: one target, or all targets whose images come from one toolkit, so that no two jobs compile the same.
enum class ShardBy { target, cuda };

/// GitHub runs at most so many jobs of one `strategy.matrix` (docs.github.com, "Usage limits" of Actions).
inline constexpr std::size_t most_jobs = 256;

/// One job of a CI run.
struct Job {
    std::string name;  ///< the target, or `cuda-12.9.1`
    Version cuda;      ///< whose toolkit compiles
    std::vector<Target> targets;
};

/// Each target in exactly one job: in the order given, or by toolkit, ascending. More than `most_jobs`: SB0320.
Result<std::vector<Job>> make_jobs(const std::vector<Target>& targets, ShardBy shard_by);

}  // namespace sagebuild
