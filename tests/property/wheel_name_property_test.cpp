#include <gtest/gtest.h>

#include <map>

#include "core/wheel_name.hpp"
#include "support/seeded_random.hpp"

namespace sagebuild {
namespace {

constexpr std::string_view word = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789";
constexpr std::string_view digits = "0123456789";

std::vector<std::string> random_tags(test::SeededRandom& random) {
    std::vector<std::string> tags;
    for (int count = random.between(1, 3); count > 0; --count) {
        tags.push_back(random.text(word, 3) + "_" + std::to_string(tags.size()) + random.text(word, random.below(8)));
    }
    return tags;
}

WheelName random_name(test::SeededRandom& random) {
    WheelName name;
    name.distribution = random.text(word, 1 + random.below(10));
    if (random.chance(30)) name.distribution += random.pick<std::string>({"_", "."}) + random.text(word, 1 + random.below(10));
    name.version = std::to_string(random.between(0, 99)) + "." + std::to_string(random.between(0, 99));
    if (random.chance(20)) name.version += random.pick<std::string>({"rc1", "a2", ".post1", ".dev20260101"});
    if (random.chance(40)) name.version += "+" + random.text(word, 1 + random.below(12)) + "." + random.text(word, 3);
    if (random.chance(50)) name.build = random.text(digits, 1 + random.below(4)) + random.text("abc._019", random.below(6));
    name.pythons = random_tags(random);
    name.abis = random_tags(random);
    name.platforms = random_tags(random);
    return name;
}

TEST(WheelNameProperty, ParsingWhatWasRenderedGivesTheSameName) {
    test::SeededRandom random;
    for (int round = 0; round < 5000; ++round) {
        const WheelName name = random_name(random);
        const auto parsed = parse_wheel_name(render_wheel_name(name));
        ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
        ASSERT_EQ(*parsed, name) << render_wheel_name(name);
    }
}

TEST(WheelNameProperty, ArbitraryBytesAreRefusedOrComeBackUnchanged) {
    test::SeededRandom random;
    const std::string seed_name = "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";
    for (int round = 0; round < 20000; ++round) {
        std::string text = random.chance(20) ? random.bytes(random.below(80)) + ".whl" : seed_name;
        for (int edits = random.between(1, 4); edits > 0 && !text.empty(); --edits) {
            const std::size_t at = random.below(text.size());
            switch (random.below(3)) {
                case 0:
                    text[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    text.insert(at, random.pick<std::string>({"-", ".", "_", "%", "+", "\n", "1", "a"}));
                    break;
                default:
                    text.erase(at, 1 + random.below(8));
                    break;
            }
        }
        if (const auto parsed = parse_wheel_name(text)) {
            ASSERT_EQ(render_wheel_name(*parsed), text);
        } else {
            ASSERT_EQ(parsed.errors().front().code, "SB0401");
            ASSERT_FALSE(parsed.errors().front().notes.empty());
        }
    }
}

/// Joined digits are ambiguous in general (2.1.10 and 2.11.0 both give 2110); for every torch and CUDA release up to a patch of 9, which
/// torch has never passed, the tag names one pair.
TEST(WheelNameProperty, BuildTagIsInjectiveOverRealReleases) {
    std::map<std::string, std::string> pair_of_tag;
    for (int torch_minor = 0; torch_minor <= 40; ++torch_minor) {
        for (int torch_patch = 0; torch_patch <= 9; ++torch_patch) {
            for (int cuda_major = 11; cuda_major <= 19; ++cuda_major) {
                for (int cuda_minor = 0; cuda_minor <= 9; ++cuda_minor) {
                    const Version torch({2, torch_minor, torch_patch});
                    const Version cuda({cuda_major, cuda_minor});
                    const std::string pair = torch.to_string() + " " + cuda.to_string();
                    const auto [entry, added] = pair_of_tag.emplace(make_build_tag(torch, cuda), pair);
                    ASSERT_TRUE(added) << entry->first << " names " << entry->second << " and " << pair;
                }
            }
        }
    }
}

}  // namespace
}  // namespace sagebuild
