#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "core/wheel_selection.hpp"
#include "support/seeded_random.hpp"
#include "text/compat_yaml.hpp"
#include "text/environment_json.hpp"

namespace sagebuild {
namespace {

const Compat& compat() {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    return compat;
}

const std::vector<std::string>& real_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        std::ifstream file(SAGEBUILD_SOURCE_DIR "/tests/data/wheel-names.txt");
        for (std::string line; std::getline(file, line);) {
            if (!line.starts_with("#")) all.push_back(line);
        }
        return all;
    }();
    return names;
}

WheelEnvironment random_environment(test::SeededRandom& random, int unknown_percent) {
    const auto known = [&] { return !random.chance(unknown_percent); };
    WheelEnvironment environment;
    if (known()) environment.python = parse_version("3." + std::to_string(random.between(8, 15)));
    if (known()) environment.free_threaded = environment.python && environment.python->part(1) >= 13 && random.chance(30);
    if (known()) environment.torch = Version({2, random.between(4, 15), random.between(0, 1)});
    if (known())
        environment.torch_cuda = parse_version(random.pick<std::string>({"11.8", "12.1", "12.4", "12.6", "12.8", "12.9", "13.0", "13.2"}));
    if (known()) environment.torch_cxx11_abi = random.chance(70);
    if (known()) environment.driver = parse_driver_version(random.pick<std::string>({"470.57.02", "525.60.13", "570.124.06", "580.95.05"}));
    if (known()) environment.os = random.pick<std::string>({"linux", "linux", "windows"});
    if (known()) environment.arch = random.pick<std::string>({"x86_64", "x86_64", "aarch64"});
    if (known() && environment.os != "windows") environment.glibc = Version({2, random.between(17, 39)});
    if (known()) environment.sm = {random.pick<Arch>({{7, 0}, {8, 0}, {8, 7}, {8, 9}, {9, 0}, {11, 0}, {12, 0}, {12, 1}})};
    return environment;
}

std::vector<WheelCandidate> random_candidates(test::SeededRandom& random, int count) {
    std::vector<WheelCandidate> candidates;
    std::set<std::string> seen;
    while (static_cast<int>(candidates.size()) < count) {
        WheelCandidate candidate;
        candidate.name = random.pick(real_names());
        if (!seen.insert(candidate.name).second) continue;
        if (random.chance(30)) {
            candidate.content.emplace();
            candidate.content->images.emplace();
            for (int images = random.between(1, 4); images > 0; --images) {
                candidate.content->images->push_back(
                    {random.pick<Arch>(
                         {{7, 0}, {7, 5}, {8, 0}, {8, 7}, {9, 0, ArchFeature::specific}, {10, 1}, {12, 0}, {12, 0, ArchFeature::family}}),
                     random.chance(20)});
            }
            candidate.content->any_torch = random.chance(20);
        }
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

bool has(const JudgedWheel& wheel, MisfitCategory category) {
    return std::any_of(wheel.misfits.begin(), wheel.misfits.end(), [&](const Misfit& misfit) { return misfit.category == category; });
}

/// All tags of an environment whose facts are known, written out as PEP 425 and 600 say it, slowly.
std::set<std::string> all_tags(const WheelEnvironment& here) {
    std::vector<std::string> platforms;
    if (*here.os == "windows") {
        platforms = {*here.arch == "x86_64" ? "win_amd64" : "win_arm64"};
    } else {
        for (int minor = *here.arch == "x86_64" ? 5 : 17; minor <= here.glibc->part(1); ++minor) {
            platforms.push_back("manylinux_2_" + std::to_string(minor) + "_" + *here.arch);
            if (minor == 5) platforms.push_back("manylinux1_" + *here.arch);
            if (minor == 12) platforms.push_back("manylinux2010_" + *here.arch);
            if (minor == 17) platforms.push_back("manylinux2014_" + *here.arch);
        }
        platforms.push_back("linux_" + *here.arch);
    }
    const int minor = here.python->part(1);
    const std::string own = "cp3" + std::to_string(minor);
    std::set<std::string> tags;
    for (const std::string& platform : platforms) {
        tags.insert(own + "-" + own + (*here.free_threaded ? "t-" : "-") + platform);
        tags.insert(own + "-none-" + platform);
        for (int older = 2; older <= minor; ++older)
            tags.insert("cp3" + std::to_string(older) + (*here.free_threaded ? "-abi3t-" : "-abi3-") + platform);
        for (int older = 0; older <= minor; ++older) tags.insert("py3" + std::to_string(older) + "-none-" + platform);
        tags.insert("py3-none-" + platform);
    }
    for (int older = 0; older <= minor; ++older) tags.insert("py3" + std::to_string(older) + "-none-any");
    tags.insert("py3-none-any");
    tags.insert(own + "-none-any");
    return tags;
}

TEST(SelectProperty, AgreesWithASlowMatcherOnTags) {
    test::SeededRandom random;
    for (int round = 0; round < 60; ++round) {
        WheelEnvironment here = random_environment(random, 0);
        if (!here.glibc) here.glibc = Version({2, 28});
        const auto candidates = random_candidates(random, 100);
        const std::set<std::string> tags = all_tags(here);
        const WheelSelection selection = select_wheels(candidates, here, "", compat());
        const auto check = [&](const JudgedWheel& wheel) {
            const auto name = parse_wheel_name(candidates[wheel.candidate].name);
            if (!name || has(wheel, MisfitCategory::name)) return;
            const auto own = name->tags();
            const bool slow = std::any_of(own.begin(), own.end(), [&](const std::string& tag) { return tags.contains(tag); });
            // the C++ ABI shares the category `abi`
            const bool tag_misfit = std::any_of(wheel.misfits.begin(), wheel.misfits.end(), [](const Misfit& misfit) {
                const bool is_cxx = misfit.category == MisfitCategory::abi && misfit.text.find("C++") != std::string::npos;
                return !is_cxx && (misfit.category == MisfitCategory::python || misfit.category == MisfitCategory::platform ||
                                   misfit.category == MisfitCategory::abi);
            });
            EXPECT_NE(slow, tag_misfit) << candidates[wheel.candidate].name << "\n" << render_environment_json(here);
        };
        for (const JudgedWheel& wheel : selection.acceptable) check(wheel);
        for (const JudgedWheel& wheel : selection.rejected) check(wheel);
    }
}

TEST(SelectProperty, EveryWheelIsJudgedOnceAndRefusedForAReason) {
    test::SeededRandom random;
    for (int round = 0; round < 100; ++round) {
        const auto candidates = random_candidates(random, 50);
        const WheelSelection selection = select_wheels(candidates, random_environment(random, 20), "", compat());
        std::set<std::size_t> seen;
        for (const JudgedWheel& wheel : selection.acceptable) {
            EXPECT_TRUE(wheel.misfits.empty());
            EXPECT_TRUE(seen.insert(wheel.candidate).second);
        }
        for (const JudgedWheel& wheel : selection.rejected) {
            ASSERT_FALSE(wheel.misfits.empty());
            for (const Misfit& misfit : wheel.misfits) EXPECT_FALSE(misfit.text.empty());
            EXPECT_TRUE(seen.insert(wheel.candidate).second);
        }
        EXPECT_EQ(seen.size(), candidates.size());
    }
}

std::vector<std::string> names_of(const std::vector<JudgedWheel>& wheels, const std::vector<WheelCandidate>& candidates) {
    std::vector<std::string> names;
    for (const JudgedWheel& wheel : wheels) names.push_back(candidates[wheel.candidate].name);
    return names;
}

TEST(SelectProperty, TheOrderOfTheCandidatesDoesNotMatter) {
    test::SeededRandom random;
    for (int round = 0; round < 50; ++round) {
        auto candidates = random_candidates(random, 60);
        const WheelEnvironment here = random_environment(random, 20);
        const WheelSelection first = select_wheels(candidates, here, "", compat());
        auto shuffled = candidates;
        for (std::size_t at = shuffled.size(); at > 1; --at) std::swap(shuffled[at - 1], shuffled[random.below(at)]);
        const WheelSelection second = select_wheels(shuffled, here, "", compat());
        ASSERT_EQ(names_of(first.acceptable, candidates), names_of(second.acceptable, shuffled));
        ASSERT_EQ(names_of(first.rejected, candidates), names_of(second.rejected, shuffled));
    }
}

/// What is not known never refuses a wheel: learning a fact can only turn a fit into a misfit.
TEST(SelectProperty, ForgettingAFactRefusesNothing) {
    test::SeededRandom random;
    for (int round = 0; round < 100; ++round) {
        const auto candidates = random_candidates(random, 40);
        const WheelEnvironment full = random_environment(random, 0);
        WheelEnvironment less = full;
        switch (random.below(5)) {
            case 0:
                less.torch.reset();
                break;
            case 1:
                less.driver.reset();
                break;
            case 2:
                less.sm.reset();
                break;
            case 3:
                less.python.reset();
                break;
            default:
                less.torch_cxx11_abi.reset();
                break;
        }
        const WheelSelection known = select_wheels(candidates, full, "", compat());
        const WheelSelection forgotten = select_wheels(candidates, less, "", compat());
        const auto fits = names_of(forgotten.acceptable, candidates);
        for (const std::string& name : names_of(known.acceptable, candidates)) {
            EXPECT_NE(std::find(fits.begin(), fits.end(), name), fits.end()) << name;
        }
    }
}

}  // namespace
}  // namespace sagebuild
