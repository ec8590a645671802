#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/release_plan.hpp"
#include "support/seeded_random.hpp"

namespace sagebuild {
namespace {

struct World {
    std::vector<OutgoingFile> files;
    std::optional<Release> release;
    ReleasePlanOptions options;
};

World make_world(test::SeededRandom& random) {
    World world;
    const std::vector<std::string> names = {"a.whl", "b.whl", "c.whl", "SHA256SUMS", "x.sbom.zip"};
    for (const std::string& name : names) {
        if (random.chance(30)) continue;
        const bool is_wheel = name.ends_with(".whl");
        world.files.push_back({.name = name,
                               .path = is_wheel ? "dist/" + name : "",
                               .size = 1 + random.below(2),
                               .sha256 = std::string(64, random.chance(70) ? 'a' : 'b')});
    }
    world.options = {.replaces = random.chance(30), .publishes = random.chance(70)};
    if (random.chance(20)) return world;
    Release release{.id = 1, .tag = "v1", .draft = random.chance(50)};
    release.immutable = !release.draft && random.chance(20);
    for (const std::string& name : names) {
        if (random.chance(40)) continue;
        release.assets.push_back({.id = random.below(1000) + 1,
                                  .name = name,
                                  .size = 1 + random.below(2),
                                  .sha256 = std::string(64, random.chance(70) ? 'a' : 'b'),
                                  .state = random.chance(80) ? AssetState::uploaded : AssetState::starter});
    }
    world.release = release;
    return world;
}

/// What the plan would leave, by the obvious rules.
std::vector<std::pair<std::string, std::string>> carried_out(const ReleasePlan& plan) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const PlannedFile& planned : plan.files) {
        const bool is_old = planned.action == AssetAction::keep;
        const ReleaseAsset old = planned.existing.value_or(ReleaseAsset{});
        result.emplace_back(planned.file.name,
                            is_old ? old.sha256 + std::to_string(old.size) : planned.file.sha256 + std::to_string(planned.file.size));
    }
    return result;
}

TEST(ReleasePlanProperty, EveryFileEndsAsItIsHereAndNothingIsOverwrittenSilently) {
    test::SeededRandom random;
    for (int round = 0; round < 5000; ++round) {
        World world = make_world(random);
        const ReleasePlan plan = make_release_plan(world.files, world.release, world.options);
        std::vector<std::pair<std::string, std::string>> wanted;
        for (const OutgoingFile& file : world.files) wanted.emplace_back(file.name, file.sha256 + std::to_string(file.size));
        std::sort(wanted.begin(), wanted.end());
        EXPECT_EQ(carried_out(plan), wanted);
        if (!plan.problems.empty()) continue;
        const bool is_public = world.release && !world.release->draft;
        for (const PlannedFile& planned : plan.files) {
            if (planned.action != AssetAction::replace) continue;
            EXPECT_TRUE(world.options.replaces || (planned.file.is_document() && !is_public));
            EXPECT_TRUE(planned.existing && !planned.file.is_same_as(*planned.existing));
        }
        EXPECT_TRUE(!world.release || !world.release->immutable || plan.count(AssetAction::keep) == plan.files.size());
        EXPECT_EQ(plan.publishes, world.options.publishes && !is_public);

        std::shuffle(world.files.begin(), world.files.end(), std::mt19937(static_cast<unsigned>(round)));
        if (world.release) std::reverse(world.release->assets.begin(), world.release->assets.end());
        EXPECT_EQ(carried_out(make_release_plan(world.files, world.release, world.options)), carried_out(plan));

        // carried out, the same again has nothing to do
        Release after = world.release.value_or(Release{.id = 1, .tag = "v1"});
        after.draft = false;
        after.assets.clear();
        for (const OutgoingFile& file : world.files) {
            after.assets.push_back({.id = 1, .name = file.name, .size = file.size, .sha256 = file.sha256});
        }
        EXPECT_EQ(make_release_plan(world.files, after, world.options).creating_requests(), 0U);
    }
}

}  // namespace
}  // namespace sagebuild
