#include "core/job_matrix.hpp"

#include <map>

namespace sagebuild {

namespace {

std::vector<Job> jobs_by_target(const std::vector<Target>& targets) {
    std::vector<Job> jobs;
    for (const Target& target : targets) jobs.push_back({target.name, target.images_cuda, {target}});
    return jobs;
}

std::vector<Job> jobs_by_toolkit(const std::vector<Target>& targets) {
    std::map<Version, Job> by_toolkit;
    for (const Target& target : targets) by_toolkit[target.images_cuda].targets.push_back(target);
    std::vector<Job> jobs;
    for (auto& [toolkit, job] : by_toolkit) jobs.push_back({"cuda-" + toolkit.to_string(), toolkit, std::move(job.targets)});
    return jobs;
}

Diagnostic too_many_jobs(const std::vector<Target>& targets, std::size_t jobs, ShardBy shard_by) {
    Diagnostic error{.code = "SB0320",
                     .what = std::to_string(targets.size()) + " targets make " + std::to_string(jobs) + " jobs, and GitHub runs at most " +
                             std::to_string(most_jobs) + " of one matrix"};
    const std::size_t shards = jobs_by_toolkit(targets).size();
    if (shard_by == ShardBy::target && shards <= most_jobs) {
        error.hints.push_back("`--shard-by cuda` makes " + std::to_string(shards) + (shards == 1 ? " job" : " jobs") + " of them");
    }
    error.hints.push_back("select fewer targets, such as one group a run");
    return error;
}

}  // namespace

Result<std::vector<Job>> make_jobs(const std::vector<Target>& targets, ShardBy shard_by) {
    std::vector<Job> jobs = shard_by == ShardBy::cuda ? jobs_by_toolkit(targets) : jobs_by_target(targets);
    if (jobs.size() > most_jobs) return too_many_jobs(targets, jobs.size(), shard_by);
    return jobs;
}

}  // namespace sagebuild
