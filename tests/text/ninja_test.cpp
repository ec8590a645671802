#include "text/ninja.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "support/example_plan.hpp"
#include "support/golden.hpp"

namespace sagebuild {
namespace {

/// Two rows of one toolkit, whose images are two archs.
Plan small_plan(const std::string& cache) {
    testing::PlanExample example = testing::make_plan_example();
    std::vector<Target> targets = {example.targets[0], example.targets[1]};
    for (Target& target : targets) {
        target.archs = {Arch{8, 0}};
        for (TargetUnit& unit : target.units) unit.archs = target.archs;
        target.units[1].ptx = {Arch{9, 0}};
    }
    example.settings.cache_directory = cache;
    return example.plan(targets);
}

/// Keys are digests of everything; named by their place in the plan they are readable.
std::string name_keys(std::string text, const Plan& plan) {
    for (std::size_t index = 0; index < plan.steps.size(); ++index) {
        text = std::regex_replace(text, std::regex(plan.steps[index].key), "KEY" + std::to_string(index));
    }
    return text;
}

TEST(Ninja, RendersThePlan) {
    const Plan plan = small_plan("/c");
    const std::string text = name_keys(render_ninja(plan, {"/b", "/bin/sagebuild", "/bin/sagebuild-device"}), plan);
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "ninja" / "two_rows.ninja", text));
}

TEST(Ninja, EscapesPathsForNinjaAndTheShell) {
    const Plan plan = small_plan("/home/o'brien/my $cache: x");
    const std::string text = name_keys(render_ninja(plan, {"/b c", "/bin/sagebuild", "/bin/sagebuild-device"}), plan);
    EXPECT_NE(text.find("build /home/o'brien/my$ $$cache$:$ x/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json: step\n"),
              std::string::npos);
    EXPECT_NE(text.find("run = /bin/sagebuild step toolchain '/b c/recipes/KEY0.json'\n"), std::string::npos);
    EXPECT_NE(text.find("--toolchain '/home/o'\\''brien/my $$cache: x/toolchains/cuda-12.6.3-linux-x86_64-KEY0' --arch"),
              std::string::npos);
    EXPECT_NE(text.find("builddir = /b c\n"), std::string::npos);
}

TEST(Ninja, QuotesForTheShell) {
    EXPECT_EQ(render_command({"a", "", "b c", "it's", "$x"}), "a '' 'b c' 'it'\\''s' '$x'");
}

}  // namespace
}  // namespace sagebuild
