#include "core/job_matrix.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "support/seeded_random.hpp"
#include "text/matrix_export.hpp"

namespace sagebuild {

namespace {

std::vector<Target> random_targets(test::SeededRandom& random) {
    std::vector<Target> targets;
    for (int count = random.between(1, 40); count > 0; --count) {
        Target target;
        target.name = "target" + std::to_string(count) + random.text("abc-", 3);
        target.package = "sageattention";
        target.package_version = Version({2, 2, 0});
        target.cuda = Version({12, random.between(0, 9), random.between(0, 2)});
        target.images_cuda = random.chance(50) ? target.cuda : Version({12, 9, 1});
        if (random.chance(80)) target.python = Version({3, random.between(9, 14)});
        target.requires_python = ">=3.9";
        target.requires_torch = ">=2.6";
        target.wheel = target.name + ".whl";
        targets.push_back(std::move(target));
    }
    return targets;
}

}  // namespace

TEST(JobMatrixProperty, EachTargetIsInOneJobAndTheBytesAreStable) {
    test::SeededRandom random;
    PackageMatrix package;
    package.name.value = package.module.value = "sageattention";
    const Matrix matrix{{package}};
    for (int round = 0; round < 200; ++round) {
        const std::vector<Target> targets = random_targets(random);
        for (const ShardBy shard_by : {ShardBy::target, ShardBy::cuda}) {
            const std::string text = render_jobs_json(make_jobs(targets, shard_by).value(), matrix);
            ASSERT_EQ(text, render_jobs_json(make_jobs(targets, shard_by).value(), matrix));
            ASSERT_EQ(text.find('\n'), text.size() - 1) << "an output of a step is one line";

            std::multiset<std::string> given, found;
            std::map<std::string, std::string> toolkit;
            for (const Target& target : targets) {
                given.insert(target.name);
                toolkit[target.name] = target.images_cuda.to_string();
            }
            std::set<std::string> names;
            const auto document = nlohmann::json::parse(text);
            for (const auto& job : document["include"]) {
                ASSERT_TRUE(names.insert(job["name"].get<std::string>()).second) << "artifacts are named for jobs";
                ASSERT_EQ(job["targets"].size(), job["wheels"].size());
                for (const auto& target : job["targets"]) {
                    found.insert(target.get<std::string>());
                    ASSERT_EQ(job["cuda"], toolkit[target]) << "one toolkit a job";
                }
            }
            ASSERT_EQ(found, given);
        }
    }
}

}  // namespace sagebuild
