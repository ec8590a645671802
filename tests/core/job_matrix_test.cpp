#include "core/job_matrix.hpp"

#include <gtest/gtest.h>

#include "support/matrix_fixture.hpp"

namespace sagebuild {

namespace {

/// `count` targets, the first of toolkit 12.0, the next of 12.1 and so on, in a circle of `toolkits`.
std::vector<Target> many_targets(int count, int toolkits) {
    std::vector<Target> targets;
    for (int index = 0; index < count; ++index) {
        Target target;
        target.name = "target" + std::to_string(index);
        target.images_cuda = Version({12, index % toolkits, 1});
        targets.push_back(std::move(target));
    }
    return targets;
}

std::string error_text(const std::vector<Target>& targets, ShardBy shard_by) {
    const auto jobs = make_jobs(targets, shard_by);
    return jobs ? "" : render_diagnostics(jobs.errors());
}

}  // namespace

TEST(JobMatrix, AJobPerTargetKeepsTheOrder) {
    const auto jobs = make_jobs(many_targets(3, 2), ShardBy::target).value();
    ASSERT_EQ(jobs.size(), 3U);
    EXPECT_EQ(jobs[2].name, "target2");
    EXPECT_EQ(jobs[2].cuda.to_string(), "12.0.1");
    EXPECT_EQ(test::names_of(jobs[2].targets), std::vector<std::string>{"target2"});
}

TEST(JobMatrix, AJobPerToolkitThatCompiles) {
    const auto jobs = make_jobs(many_targets(5, 2), ShardBy::cuda).value();
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].name, "cuda-12.0.1");
    EXPECT_EQ(test::names_of(jobs[0].targets), (std::vector<std::string>{"target0", "target2", "target4"}));
    EXPECT_EQ(test::names_of(jobs[1].targets), (std::vector<std::string>{"target1", "target3"}));
}

TEST(JobMatrix, GitHubTakes256Jobs) {
    EXPECT_EQ(make_jobs(many_targets(256, 3), ShardBy::target).value().size(), 256U);
    EXPECT_EQ(error_text(many_targets(257, 3), ShardBy::target),
              "error[SB0320]: 257 targets make 257 jobs, and GitHub runs at most 256 of one matrix\n"
              "hint: `--shard-by cuda` makes 3 jobs of them\n"
              "hint: select fewer targets, such as one group a run\n");
    EXPECT_EQ(error_text(many_targets(257, 257), ShardBy::target),
              "error[SB0320]: 257 targets make 257 jobs, and GitHub runs at most 256 of one matrix\n"
              "hint: select fewer targets, such as one group a run\n");
    EXPECT_EQ(error_text(many_targets(300, 260), ShardBy::cuda),
              "error[SB0320]: 300 targets make 260 jobs, and GitHub runs at most 256 of one matrix\n"
              "hint: select fewer targets, such as one group a run\n");
}

}  // namespace sagebuild
