#include "core/expand.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "core/arch_coverage.hpp"
#include "core/selector.hpp"
#include "core/text_list.hpp"
#include "core/wheel_name.hpp"
#include "support/matrix_fixture.hpp"
#include "support/seeded_random.hpp"

namespace sagebuild {

namespace {

using test::SeededRandom;

template <typename Value>
Located<Value> located(Value value) {
    return {std::move(value), {}, "", 1};
}

Located<Version> version(const std::string& text) {
    return located(parse_version(text).value());
}

void shuffle(SeededRandom& random, auto& items) {
    for (std::size_t at = items.size(); at > 1; --at) std::swap(items[at - 1], items[random.below(at)]);
}

std::vector<Located<Arch>> random_archs(SeededRandom& random, const std::vector<Arch>& from) {
    std::vector<Located<Arch>> chosen;
    for (const Arch& arch : from) {
        if (random.chance(60)) chosen.push_back(located(arch));
    }
    if (chosen.empty()) chosen.push_back(located(from.front()));
    return chosen;
}

/// A package whose rows are possible: each torch with a CUDA it ships for, each Python once per (torch, CUDA).
PackageMatrix random_package(SeededRandom& random, const Compat& compat) {
    static const std::vector<Arch> gpus =
        test::archs({"7.0", "7.5", "8.0", "8.6", "8.7", "8.9", "9.0", "10.0", "10.3", "11.0", "12.0", "12.1"});
    PackageMatrix package;
    package.name = located<std::string>("sageattention");
    package.module = package.name;
    package.short_name = located<std::string>("sage2");
    package.version = version("2.2.0");
    package.root = located<std::string>("kernels");
    package.images = random.chance(50) ? ImagesPolicy::row : ImagesPolicy::newest;
    package.uncompilable = random.chance(50) ? UncompilablePolicy::drop : UncompilablePolicy::ptx;
    // 8.0 can be compiled by every toolkit, so no row is left without an arch; no unit is written for 8.8, which runs on 8.0 images
    package.arch_lists["list"] = random_archs(random, gpus);
    for (const Arch& arch : {Arch{8, 0}, Arch{8, 8}}) package.arch_lists["list"].push_back(located(arch));
    for (int count = random.between(1, 3); count > 0; --count) {
        KernelUnit unit;
        unit.name = located("unit" + std::to_string(count));
        unit.source = unit.name;
        for (const Located<Arch>& arch : random_archs(random, gpus)) {
            const bool has_suffix = arch.value.major >= 9 && random.chance(30);
            Arch written = arch.value;
            if (has_suffix) written.feature = random.chance(50) ? ArchFeature::specific : ArchFeature::family;
            unit.archs.push_back(located(written));
        }
        package.units.push_back(std::move(unit));
    }
    KernelUnit every;
    every.name = located<std::string>("every");
    every.source = every.name;
    for (const Arch& gpu : gpus) every.archs.push_back(located(gpu));
    package.units.push_back(std::move(every));

    for (const auto& [minor, torch] : compat.torch) {
        for (const Version& cuda : torch.cudas) {
            if (!compat.cuda.contains(cuda) || !random.chance(70)) continue;
            Row row;
            row.torch = version(minor.to_string() + "." + std::to_string(random.below(3)));
            row.cuda = version(cuda.to_string() + "." + std::to_string(random.below(3)));
            row.archs = located<std::string>("list");
            for (const Version& python : torch.pythons) {
                if (random.chance(60)) row.python.push_back(located(python));
            }
            if (!row.python.empty()) package.rows.push_back(std::move(row));
        }
    }
    for (const char* name : {"pytorch{torch}", "python{python}"}) {
        GroupRule rule;
        rule.name = located<std::string>(name);
        package.groups.push_back(std::move(rule));
    }
    GroupRule stable;
    stable.name = located<std::string>("stable");
    stable.newest = located<std::string>("python");
    stable.per = located<std::string>(random.chance(50) ? "torch" : "cuda");
    package.groups.push_back(std::move(stable));
    return package;
}

std::map<std::string, std::string> texts_by_name(const TargetSet& set) {
    std::map<std::string, std::string> texts;
    for (const Target& target : set.targets) {
        std::string text =
            target.wheel + " " + target.images_cuda.to_string() + " " + target.requires_torch + " archs " + join_values(target.archs);
        for (const CoveredArch& entry : target.covered) text += "; " + entry.reason;
        for (const DroppedArch& entry : target.dropped) text += "; " + entry.arch.to_string() + " " + entry.reason;
        for (const TargetUnit& unit : target.units)
            text += "; " + unit.name + " " + join_values(unit.archs) + " ptx " + join_values(unit.ptx);
        texts[target.name] = text + " groups " + join_texts(target.groups, " ", [](const std::string& group) { return group; });
    }
    return texts;
}

std::map<std::string, std::set<std::string>> members_by_group(const TargetSet& set) {
    std::map<std::string, std::set<std::string>> members;
    for (const Group& group : set.groups) members[group.name] = {group.targets.begin(), group.targets.end()};
    return members;
}

/// Whether a word means a target, written as plainly as possible: patterns become regular expressions, versions are texts.
bool slowly_matches(const std::string& word, const Target& target, const TargetSet& set) {
    if (const std::size_t equals = word.find('='); equals != std::string::npos) {
        const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
        const auto begins = [&](const std::string& text) { return (text + ".").starts_with(value + "."); };
        if (key == "python") return target.python && begins(target.python->to_string());
        if (key == "torch") return target.torch && begins(target.torch->to_string());
        if (key == "cuda") return begins(target.cuda.to_string());
        if (key == "kind") return value == (target.kind == TargetKind::row ? "row" : "universal");
        if (key == "package") return value == target.package;
        for (const Arch& arch : target.archs) {
            if (arch.to_string() == value) return true;
        }
        return std::any_of(target.covered.begin(), target.covered.end(),
                           [&](const CoveredArch& entry) { return entry.arch.to_string() == value; });
    }
    std::string pattern;
    for (const char letter : word) pattern += letter == '*' ? std::string(".*") : letter == '?' ? std::string(".") : std::string(1, letter);
    const std::regex expression(pattern);
    if (std::regex_match(target.name, expression)) return true;
    return std::any_of(set.groups.begin(), set.groups.end(), [&](const Group& group) {
        return !group.tests && std::regex_match(group.name, expression) &&
               std::find(group.targets.begin(), group.targets.end(), target.name) != group.targets.end();
    });
}

std::vector<std::string> slowly_selected(const std::vector<std::string>& words, const TargetSet& set) {
    std::vector<std::string> selected;
    for (const Target& target : set.targets) {
        std::map<std::string, bool> accepted;  // by key; names have the empty one
        for (const std::string& word : words) {
            const std::size_t equals = word.find('=');
            bool& answer = accepted[equals == std::string::npos ? "" : word.substr(0, equals)];
            answer = slowly_matches(word, target, set) || answer;
        }
        if (std::all_of(accepted.begin(), accepted.end(), [](const auto& entry) { return entry.second; })) selected.push_back(target.name);
    }
    return selected;
}

std::string random_word(SeededRandom& random, const TargetSet& set) {
    const Target& target = random.pick(set.targets);
    switch (random.below(8)) {
        case 0:
            return target.name;
        case 1:
            return random.pick(set.groups).name;
        case 2:
            return "python=" + target.python->to_string();
        case 3:
            return "torch=" + target.torch->prefix(1 + random.below(3)).to_string();
        case 4:
            return "cuda=" + target.cuda.prefix(1 + random.below(3)).to_string();
        case 5:
            return target.archs.empty() ? "kind=row" : "arch=" + random.pick(target.archs).to_string();
        default: {
            std::string pattern = random.chance(50) ? target.name : random.pick(set.groups).name;
            for (int count = random.between(1, 3); count > 0; --count) {
                const std::size_t at = random.below(pattern.size());
                if (random.chance(50)) {
                    pattern[at] = '?';
                } else {
                    pattern.replace(at, random.below(6), "*");
                }
            }
            return pattern;
        }
    }
}

constexpr int rounds = 150;

}  // namespace

TEST(ExpandProperty, OrderOfRowsDoesNotMatter) {
    SeededRandom random;
    const Compat compat = test::small_compat();
    for (int round = 0; round < rounds; ++round) {
        Matrix matrix{{random_package(random, compat)}};
        const TargetSet set = test::expand(matrix, compat);
        PackageMatrix& package = matrix.packages.front();
        shuffle(random, package.rows);
        shuffle(random, package.groups);
        shuffle(random, package.arch_lists["list"]);
        for (Row& row : package.rows) shuffle(random, row.python);
        for (KernelUnit& unit : package.units) shuffle(random, unit.archs);
        const TargetSet shuffled = test::expand(matrix, compat);
        ASSERT_EQ(texts_by_name(set), texts_by_name(shuffled));
        ASSERT_EQ(members_by_group(set), members_by_group(shuffled));
    }
}

TEST(ExpandProperty, NamesAreLegalAndUnique) {
    SeededRandom random;
    const Compat compat = test::small_compat();
    const std::regex legal("[A-Za-z0-9_-]+");
    for (int round = 0; round < rounds; ++round) {
        const TargetSet set = test::expand(Matrix{{random_package(random, compat)}}, compat);
        std::set<std::string> names, wheels;
        for (const Target& target : set.targets) {
            ASSERT_TRUE(std::regex_match(target.name, legal)) << target.name;
            ASSERT_TRUE(names.insert(target.name).second) << target.name;
            ASSERT_TRUE(wheels.insert(target.wheel).second) << target.wheel;
            const auto parsed = parse_wheel_name(target.wheel);
            ASSERT_TRUE(parsed) << target.wheel;
            ASSERT_EQ(*parsed, make_wheel_name(target));
        }
        for (const Group& group : set.groups) {
            ASSERT_TRUE(std::regex_match(group.name, legal)) << group.name;
            ASSERT_TRUE(names.insert(group.name).second) << group.name;
        }
    }
}

TEST(ExpandProperty, EachWantedArchHasOneAnswerThatHolds) {
    SeededRandom random;
    const Compat compat = test::small_compat();
    for (int round = 0; round < rounds; ++round) {
        const PackageMatrix package = random_package(random, compat);
        std::set<Arch> wanted;
        for (const Located<Arch>& arch : package.arch_lists.at("list")) wanted.insert(arch.value);
        const TargetSet set = test::expand(Matrix{{package}}, compat);
        for (const Target& target : set.targets) {
            std::vector<Arch> answered = target.archs;
            std::set<Arch> images, ptx;
            for (const TargetUnit& unit : target.units) {
                images.insert(unit.archs.begin(), unit.archs.end());
                ptx.insert(unit.ptx.begin(), unit.ptx.end());
                for (const Arch& image : unit.archs) {
                    const std::vector<Arch>& known = compat.find_cuda(target.images_cuda)->targets;
                    ASSERT_NE(std::find(known.begin(), known.end(), image), known.end()) << image.to_string();
                }
            }
            for (const CoveredArch& entry : target.covered) {
                answered.push_back(entry.arch);
                ASSERT_TRUE((images.contains(entry.by) && runs_on(entry.by, entry.arch, compat)) ||
                            (ptx.contains(entry.by) && entry.by < entry.arch))
                    << entry.reason;
            }
            for (const DroppedArch& entry : target.dropped) {
                answered.push_back(entry.arch);
                ASSERT_FALSE(entry.reason.empty());
                ASSERT_TRUE(
                    std::none_of(images.begin(), images.end(), [&](const Arch& image) { return runs_on(image, entry.arch, compat); }))
                    << target.name << " drops " << entry.arch.to_string() << ": " << entry.reason;
            }
            std::sort(answered.begin(), answered.end());
            ASSERT_EQ(answered, std::vector<Arch>(wanted.begin(), wanted.end()));
        }
    }
}

TEST(SelectorProperty, AgreesWithTheSlowAndObviousOne) {
    SeededRandom random;
    const Compat compat = test::small_compat();
    int found = 0;
    for (int round = 0; round < rounds / 5; ++round) {
        const Matrix matrix{{random_package(random, compat)}};
        const TargetSet set = test::expand(matrix, compat);
        if (set.targets.empty()) continue;
        for (int count = 0; count < 10; ++count) {
            std::vector<std::string> words;
            for (std::size_t left = random.below(4); left > 0; --left) words.push_back(random_word(random, set));
            const auto selected = select_targets(set, matrix, words);
            const std::vector<std::string> expected = slowly_selected(words, set);
            const std::string asked = join_texts(words, " ", [](const std::string& word) { return word; });
            if (selected) {
                ASSERT_EQ(test::names_of(*selected), expected) << asked;
                ++found;
                continue;
            }
            // an error is right when the answer is empty, or when one of the words means nothing
            const bool idle_word =
                std::any_of(words.begin(), words.end(), [&](const std::string& word) { return slowly_selected({word}, set).empty(); });
            ASSERT_TRUE(expected.empty() || idle_word) << asked << "\n" << render_diagnostics(selected.errors());
        }
    }
    EXPECT_GT(found, rounds / 5);
}

}  // namespace sagebuild
