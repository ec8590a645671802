#include "core/expand.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/text_list.hpp"
#include "support/matrix_fixture.hpp"

namespace sagebuild {

namespace {

TargetSet expand_project(const std::string& from = "", const std::string& to = "") {
    std::map<std::string, std::string> files = test::project_matrix_files();
    std::string& text = files.at("sageattention.yaml");
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    return test::expand(test::read_matrix(files), test::small_compat());
}

std::map<std::string, std::vector<std::string>> groups_of(const TargetSet& set) {
    std::map<std::string, std::vector<std::string>> groups;
    for (const Group& group : set.groups) groups[group.name] = group.targets;
    return groups;
}

std::string dropped_of(const Target& target) {
    return join_texts(target.dropped, " ", [](const DroppedArch& entry) { return entry.arch.to_string(); });
}

std::string covered_of(const Target& target) {
    return join_texts(target.covered, " ", [](const CoveredArch& entry) { return entry.arch.to_string() + "<" + entry.by.to_string(); });
}

}  // namespace

TEST(ExpandProject, MakesThe15TargetsAndTheirWheels) {
    std::string text;
    for (const Target& target : expand_project().targets) text += target.name + " " + target.wheel + "\n";
    EXPECT_EQ(text,
              "linux-sage2-pytorch26-cu126-python39 sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl\n"
              "linux-sage2-pytorch26-cu126-python310 sageattention-2.2.0-260.126-cp310-cp310-linux_x86_64.whl\n"
              "linux-sage2-pytorch26-cu126-python311 sageattention-2.2.0-260.126-cp311-cp311-linux_x86_64.whl\n"
              "linux-sage2-pytorch26-cu126-python312 sageattention-2.2.0-260.126-cp312-cp312-linux_x86_64.whl\n"
              "linux-sage2-pytorch27-cu128-python310 sageattention-2.2.0-270.128-cp310-cp310-linux_x86_64.whl\n"
              "linux-sage2-pytorch27-cu128-python311 sageattention-2.2.0-270.128-cp311-cp311-linux_x86_64.whl\n"
              "linux-sage2-pytorch27-cu128-python312 sageattention-2.2.0-270.128-cp312-cp312-linux_x86_64.whl\n"
              "linux-sage2-pytorch28-cu129-python310 sageattention-2.2.0-280.129-cp310-cp310-linux_x86_64.whl\n"
              "linux-sage2-pytorch28-cu129-python311 sageattention-2.2.0-280.129-cp311-cp311-linux_x86_64.whl\n"
              "linux-sage2-pytorch28-cu129-python312 sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl\n"
              "linux-sage2-universal-x86_64 sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl\n"
              "linux-sage3-pytorch28-cu128-python310 sageattn3-1.0.0-280.128-cp310-cp310-linux_x86_64.whl\n"
              "linux-sage3-pytorch28-cu128-python311 sageattn3-1.0.0-280.128-cp311-cp311-linux_x86_64.whl\n"
              "linux-sage3-pytorch28-cu128-python312 sageattn3-1.0.0-280.128-cp312-cp312-linux_x86_64.whl\n"
              "linux-sage3-pytorch28-cu129-python312 sageattn3-1.0.0-280.129-cp312-cp312-linux_x86_64.whl\n");
}

TEST(ExpandProject, EachToolkitCarriesWhatItCan) {
    const TargetSet set = expand_project();
    const auto text_of = [&](const char* name) {
        const Target& target = *set.find(name);
        return join_values(target.archs, " ") + " | " + covered_of(target) + " | " + dropped_of(target);
    };
    EXPECT_EQ(text_of("linux-sage2-pytorch26-cu126-python312"), "7.0 7.5 8.0 8.6 8.7 8.9 9.0 |  | 10.0 12.0 12.1");
    EXPECT_EQ(text_of("linux-sage2-pytorch27-cu128-python312"), "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 | 12.1<12.0 | ");
    EXPECT_EQ(text_of("linux-sage2-pytorch28-cu129-python312"), "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1 |  | ");
    EXPECT_EQ(text_of("linux-sage2-universal-x86_64"), "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1 |  | ");
    EXPECT_EQ(text_of("linux-sage3-pytorch28-cu128-python312"), "10.0 12.0 |  | ");
}

TEST(ExpandProject, ImagesNewestCarryAllArchsFromOneToolkit) {
    const TargetSet set = expand_project("images: row", "images: newest");
    for (const Target& target : set.targets) {
        if (target.package != "sageattention") continue;
        EXPECT_EQ(target.images_cuda.to_string(), "12.9.1") << target.name;
        EXPECT_EQ(join_values(target.archs, " "), "7.0 7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1") << target.name;
        EXPECT_TRUE(target.covered.empty() && target.dropped.empty()) << target.name;
    }
    EXPECT_EQ(set.find("linux-sage2-pytorch26-cu126-python312")->wheel, "sageattention-2.2.0-260.126-cp312-cp312-linux_x86_64.whl");
}

TEST(ExpandProject, RequirementsOfRowsNameTheTorchMinor) {
    const TargetSet set = expand_project();
    EXPECT_EQ(set.find("linux-sage2-pytorch28-cu129-python312")->requires_torch, "==2.8.*");
    EXPECT_EQ(set.find("linux-sage2-universal-x86_64")->requires_torch, ">=2.6");
    EXPECT_EQ(set.find("linux-sage2-pytorch28-cu129-python312")->requires_python, ">=3.9");
}

TEST(ExpandProject, GroupsHoldWhatTheyAreNamedFor) {
    const auto groups = groups_of(expand_project());
    std::string counts;
    for (const auto& [name, targets] : groups) counts += name + " " + std::to_string(targets.size()) + "\n";
    EXPECT_EQ(counts,
              "all 2\ndefault 1\nlinux 2\npython310 3\npython311 3\npython312 3\npython39 1\npytorch26 4\npytorch27 3\npytorch28 3\n"
              "sage2-all 10\nsage3-all 4\nstable 3\ntest-all 11\nuniversal 1\n");
    EXPECT_EQ(groups.at("stable"),
              (std::vector<std::string>{"linux-sage2-pytorch26-cu126-python312", "linux-sage2-pytorch27-cu128-python312",
                                        "linux-sage2-pytorch28-cu129-python312"}));
    EXPECT_EQ(groups.at("linux"),
              (std::vector<std::string>{"linux-sage2-pytorch27-cu128-python312", "linux-sage2-pytorch28-cu129-python312"}));
    EXPECT_EQ(groups.at("all"), groups.at("linux"));
}

TEST(ExpandProject, TargetsKnowTheirGroups) {
    EXPECT_EQ(expand_project().find("linux-sage2-pytorch28-cu129-python312")->groups,
              (std::vector<std::string>{"all", "default", "linux", "python312", "pytorch28", "sage2-all", "stable"}));
}

TEST(ExpandProject, Torch29IsOneLine) {
    const auto before = groups_of(expand_project());
    const TargetSet set =
        expand_project("rows:\n", "rows:\n  - {torch: \"2.9.0\", cuda: \"13.0.0\", python: [\"3.13\"], archs: extended}\n");
    const auto after = groups_of(set);
    const std::string added = "linux-sage2-pytorch29-cu130-python313";

    std::string changes;
    for (const auto& [name, targets] : after) {
        const auto known = before.find(name);
        if (known == before.end()) {
            changes += "new " + name + ": " + join_texts(targets, " ", [](const std::string& target) { return target; }) + "\n";
            continue;
        }
        std::vector<std::string> rest = targets;
        std::erase(rest, added);
        EXPECT_EQ(rest, known->second) << name;
        if (rest != targets) changes += "joins " + name + "\n";
    }
    for (const auto& entry : before) EXPECT_TRUE(after.contains(entry.first)) << entry.first;
    EXPECT_EQ(changes,
              "new python313: linux-sage2-pytorch29-cu130-python313\n"
              "new pytorch29: linux-sage2-pytorch29-cu130-python313\n"
              "joins sage2-all\n"
              "joins stable\n"
              "joins test-all\n");

    ASSERT_EQ(set.targets.size(), 16u);
    const Target& target = *set.find(added);
    EXPECT_EQ(target.wheel, "sageattention-2.2.0-290.130-cp313-cp313-linux_x86_64.whl");
    EXPECT_EQ(join_values(target.archs, " "), "7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0 12.1");
    ASSERT_EQ(target.dropped.size(), 1u);
    EXPECT_EQ(target.dropped[0].reason, "CUDA 13 compiles nothing below 7.5");
}

TEST(ImagesPolicy, NewestPinnedToolchainOfTheMajor) {
    Compat compat = test::small_compat();
    const auto chosen = [&](const char* cuda, ImagesPolicy policy) {
        return choose_images_cuda(parse_version(cuda).value(), policy, compat).to_string();
    };
    EXPECT_EQ(chosen("12.6.1", ImagesPolicy::row), "12.6.1");
    EXPECT_EQ(chosen("12.6.1", ImagesPolicy::newest), "12.9.1");
    EXPECT_EQ(chosen("13.0.0", ImagesPolicy::newest), "13.0.2");
    compat.cuda_toolchains.clear();
    EXPECT_EQ(chosen("12.6.1", ImagesPolicy::newest), "12.6.1");
}

}  // namespace sagebuild
