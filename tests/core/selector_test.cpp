#include "core/selector.hpp"

#include <gtest/gtest.h>

#include "core/text_list.hpp"
#include "support/matrix_fixture.hpp"

namespace sagebuild {

namespace {

struct SelectorCase {
    const char* name;
    std::vector<std::string> words;
    const char* selected;  ///< names without `linux-`, or the whole error text
};

const Matrix& project_matrix() {
    static const Matrix matrix = test::read_matrix(test::project_matrix_files());
    return matrix;
}

const TargetSet& project() {
    static const TargetSet set = test::expand(project_matrix(), test::small_compat());
    return set;
}

std::string outcome(const std::vector<std::string>& words) {
    const auto targets = select_targets(project(), project_matrix(), words);
    if (!targets) return render_diagnostics(targets.errors());
    return join_texts(*targets, " ", [](const Target& target) { return target.name.substr(std::string_view("linux-").size()); });
}

class Selectors : public ::testing::TestWithParam<SelectorCase> {};

TEST_P(Selectors, ChooseTargets) {
    EXPECT_EQ(outcome(GetParam().words), GetParam().selected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Selectors,
    ::testing::Values(
        SelectorCase{"target", {"linux-sage2-universal-x86_64"}, "sage2-universal-x86_64"},
        SelectorCase{
            "group", {"stable"}, "sage2-pytorch26-cu126-python312 sage2-pytorch27-cu128-python312 sage2-pytorch28-cu129-python312"},
        SelectorCase{
            "names_are_joined_in_matrix_order", {"universal", "default"}, "sage2-pytorch28-cu129-python312 sage2-universal-x86_64"},
        SelectorCase{"glob_over_targets", {"*sage3*python312"}, "sage3-pytorch28-cu128-python312 sage3-pytorch28-cu129-python312"},
        SelectorCase{
            "glob_over_groups", {"pytorch2[78]", "python=3.10"}, "sage2-pytorch27-cu128-python310 sage2-pytorch28-cu129-python310"},
        SelectorCase{"filters_narrow",
                     {"python=3.12", "torch=2.8", "package=sageattn3"},
                     "sage3-pytorch28-cu128-python312 sage3-pytorch28-cu129-python312"},
        SelectorCase{"values_of_one_key_are_joined",
                     {"stable", "torch=2.6", "torch=2.7"},
                     "sage2-pytorch26-cu126-python312 sage2-pytorch27-cu128-python312"},
        SelectorCase{"versions_match_by_leading_parts",
                     {"cuda=12.9.1", "python=3", "torch=2", "package=sageattn3"},
                     "sage3-pytorch28-cu129-python312"},
        SelectorCase{"filters_narrow_names", {"sage2-all", "python=3.9"}, "sage2-pytorch26-cu126-python39"},
        SelectorCase{"kind", {"kind=universal"}, "sage2-universal-x86_64"},
        SelectorCase{"covered_arch_counts",
                     {"arch=12.1", "python=3.12", "package=sageattention"},
                     "sage2-pytorch27-cu128-python312 sage2-pytorch28-cu129-python312"},
        SelectorCase{"a_word_may_repeat", {"default", "default"}, "sage2-pytorch28-cu129-python312"},
        SelectorCase{"unknown_name",
                     {"pytorch82"},
                     "error[SB0224]: `pytorch82` is neither a target nor a group\nnearest: pytorch28; pytorch26; pytorch27\n"},
        SelectorCase{"far_from_all",
                     {"zzz"},
                     "error[SB0224]: `zzz` is neither a target nor a group\n"
                     "hint: `sagebuild matrix list --format names` and `sagebuild matrix groups` list all names\n"},
        SelectorCase{"glob_without_match",
                     {"*python313"},
                     "error[SB0224]: no target or group matches `*python313`\nnearest: python310; python311; python312\n"},
        SelectorCase{"tests_are_no_wheels", {"test-all"}, "error[SB0224]: `test-all` is a group of tests, not of wheels\n"},
        SelectorCase{"unknown_value_beside_a_known_one",
                     {"torch=2.5", "torch=2.6"},
                     "error[SB0224]: no target has torch `2.5`\nnote: torch of the matrix: 2.6.0, 2.7.0, 2.8.0\n"},
        SelectorCase{
            "unknown_package",
            {"package=sageattn"},
            "error[SB0224]: no target has package `sageattn`\nnearest: sageattn3\nnote: package of the matrix: sageattention, sageattn3\n"},
        SelectorCase{
            "unknown_key",
            {"pyton=3.12"},
            "error[SB0225]: `pyton` is no selector key\nnearest: python\nhint: the keys are python, torch, cuda, package, arch, kind\n"},
        SelectorCase{"no_value", {"torch="}, "error[SB0225]: `torch=` has no value\nhint: write `torch=VALUE`\n"},
        SelectorCase{"no_version", {"torch=v2"}, "error[SB0225]: `v2` is not a version\nhint: write it like `torch=2.8`\n"},
        SelectorCase{"no_arch", {"arch=sm_89"}, "error[SB0225]: `sm_89` is not an arch\nhint: write it like `arch=8.9`\n"},
        SelectorCase{
            "no_kind", {"kind=rows"}, "error[SB0225]: `rows` is no kind of target\nnearest: row\nhint: the kinds are row and universal\n"},
        SelectorCase{"all_faults_at_once",
                     {"defualt", "torch=9", "gpu=8.9"},
                     "error[SB0224]: `defualt` is neither a target nor a group\nnearest: default\n\n"
                     "error[SB0224]: no target has torch `9`\nnote: torch of the matrix: 2.6.0, 2.7.0, 2.8.0\n\n"
                     "error[SB0225]: `gpu` is no selector key\nhint: the keys are python, torch, cuda, package, arch, kind\n"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace

TEST(Selector, NoWordIsEverything) {
    EXPECT_EQ(select_targets(project(), project_matrix(), {})->size(), 15u);
}

TEST(Selector, NothingMatchesPointsAtTheNearestRow) {
    const std::string text = outcome({"python=3.13", "torch=2.8", "package=sageattention"});
    EXPECT_EQ(text.substr(0, text.find('\n')), "error[SB0226]: no target has python 3.13, torch 2.8, package sageattention");
    EXPECT_NE(text.find("^ 3.13 is not in this list; package, torch match\n"), std::string::npos) << text;
    EXPECT_NE(text.find("nearest: linux-sage2-pytorch28-cu129-python312 differs in python; "), std::string::npos) << text;
    EXPECT_NE(text.find("hint: add \"3.13\" here, or select python 3.12\n"), std::string::npos) << text;
}

TEST(Selector, GroupsWithoutTargetsSelectNothing) {
    Group empty{"none", {}, false};
    TargetSet set = project();
    set.groups.push_back(empty);
    const auto targets = select_targets(set, project_matrix(), {"none"});
    ASSERT_FALSE(targets);
    EXPECT_EQ(targets.errors().front().what, "the groups that were named hold no target");
}

}  // namespace sagebuild
