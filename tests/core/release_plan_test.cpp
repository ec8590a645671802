#include "core/release_plan.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

OutgoingFile wheel(const std::string& name, char digest, std::uint64_t size = 5) {
    return {.name = name, .path = "dist/" + name, .size = size, .sha256 = std::string(64, digest)};
}

OutgoingFile document(const std::string& name, char digest) {
    return {.name = name, .bytes = "bytes", .size = 5, .sha256 = std::string(64, digest)};
}

ReleaseAsset asset(const std::string& name, char digest, AssetState state = AssetState::uploaded) {
    return {.id = 9, .name = name, .size = state == AssetState::uploaded ? 5U : 0U, .sha256 = std::string(64, digest), .state = state};
}

Release draft(std::vector<ReleaseAsset> assets) {
    return {.id = 1, .tag = "v1", .draft = true, .assets = std::move(assets)};
}

Release published(std::vector<ReleaseAsset> assets, bool immutable = false) {
    return {.id = 1, .tag = "v1", .immutable = immutable, .assets = std::move(assets)};
}

std::string shown(const ReleasePlan& plan) {
    std::string out = plan.publishes ? "publish" : "";
    for (const PlannedFile& planned : plan.files) {
        const char* action = planned.action == AssetAction::keep ? "keep" : planned.action == AssetAction::replace ? "replace" : "upload";
        out += std::string(out.empty() ? "" : " ") + action + ":" + planned.file.name;
    }
    for (const Diagnostic& problem : plan.problems) out += " " + problem.code;
    return out;
}

struct PlanCase {
    const char* name;
    std::optional<Release> release;
    bool replaces;
    const char* expected;
    std::size_t requests;
};

class PlanTable : public ::testing::TestWithParam<PlanCase> {};

TEST_P(PlanTable, SaysWhatIsDone) {
    const PlanCase& row = GetParam();
    const auto plan =
        make_release_plan({wheel("b.whl", 'b'), wheel("a.whl", 'a'), document("SHA256SUMS", 'c')}, row.release, {.replaces = row.replaces});
    EXPECT_EQ(shown(plan), row.expected);
    EXPECT_EQ(plan.creating_requests(), row.requests);
}

const auto starter = AssetState::starter;

INSTANTIATE_TEST_SUITE_P(
    Rows, PlanTable,
    ::testing::Values(
        PlanCase{"nothing_there", {}, false, "publish upload:SHA256SUMS upload:a.whl upload:b.whl", 5},
        PlanCase{"empty_draft", draft({}), false, "publish upload:SHA256SUMS upload:a.whl upload:b.whl", 4},
        PlanCase{"half_draft", draft({asset("a.whl", 'a'), asset("b.whl", 'b', starter)}), false,
                 "publish upload:SHA256SUMS keep:a.whl upload:b.whl", 3},
        PlanCase{"documents_of_a_draft_follow", draft({asset("a.whl", 'a'), asset("SHA256SUMS", 'x')}), false,
                 "publish replace:SHA256SUMS keep:a.whl upload:b.whl", 4},
        PlanCase{"done", published({asset("a.whl", 'a'), asset("b.whl", 'b'), asset("SHA256SUMS", 'c')}), false,
                 "keep:SHA256SUMS keep:a.whl keep:b.whl", 0},
        PlanCase{"not_published_yet", draft({asset("a.whl", 'a'), asset("b.whl", 'b'), asset("SHA256SUMS", 'c')}), false,
                 "publish keep:SHA256SUMS keep:a.whl keep:b.whl", 1},
        PlanCase{"other_bytes", published({asset("a.whl", 'x')}), false, "upload:SHA256SUMS replace:a.whl upload:b.whl SB0624", 5},
        PlanCase{"other_bytes_in_a_draft", draft({asset("a.whl", 'x')}), false,
                 "publish upload:SHA256SUMS replace:a.whl upload:b.whl SB0624", 5},
        PlanCase{"other_bytes_replaced", published({asset("a.whl", 'x')}), true, "upload:SHA256SUMS replace:a.whl upload:b.whl", 5},
        PlanCase{"documents_of_a_published_one", published({asset("a.whl", 'a'), asset("SHA256SUMS", 'x')}), false,
                 "replace:SHA256SUMS keep:a.whl upload:b.whl SB0624", 4},
        PlanCase{"immutable", published({asset("a.whl", 'x')}, true), true, "upload:SHA256SUMS replace:a.whl upload:b.whl SB0629", 5},
        PlanCase{"immutable_and_done", published({asset("a.whl", 'a'), asset("b.whl", 'b'), asset("SHA256SUMS", 'c')}, true), false,
                 "keep:SHA256SUMS keep:a.whl keep:b.whl", 0},
        PlanCase{"other_wheel", draft({asset("z.whl", 'z'), asset("notes.txt", 'n')}), false,
                 "publish upload:SHA256SUMS upload:a.whl upload:b.whl SB0630", 4}),
    [](const auto& row) { return row.param.name; });

std::string problem_of(std::vector<OutgoingFile> files, const std::optional<Release>& release = {}) {
    return render_diagnostics(make_release_plan(std::move(files), release, {}).problems);
}

TEST(ReleasePlan, LimitsAreCheckedBefore) {
    EXPECT_EQ(problem_of({wheel("a.whl", 'a', (std::uint64_t{2} << 30) - 1)}), "");
    EXPECT_EQ(problem_of({wheel("a.whl", 'a', std::uint64_t{2} << 30)}),
              "error[SB0626]: file `a.whl` has 2147483648 bytes, and a release takes files of less than 2 GiB\n");
    EXPECT_EQ(problem_of({wheel("a.whl", 'a', 0)}), "error[SB0626]: file `a.whl` is empty\n");
    EXPECT_EQ(problem_of({wheel("a.whl", 'a'), wheel("a.whl", 'b')}), "error[SB0626]: two files are named `a.whl`\n");
    EXPECT_EQ(problem_of({wheel("a b.whl", 'a')}),
              "error[SB0626]: file `a b.whl` would get another name\n"
              "caused by: GitHub keeps letters, digits, `-`, `_`, `.`, `+` and `@` only\n");
    EXPECT_EQ(problem_of({wheel("a-1+cu128-py3-none-any.whl", 'a')}), "");
    std::vector<OutgoingFile> many;
    for (int index = 0; index < 1000; ++index) many.push_back(wheel(std::to_string(index) + ".whl", 'a'));
    EXPECT_EQ(problem_of(many), "");
    EXPECT_EQ(problem_of(many, draft({asset("0.whl", 'a'), asset("x.txt", 'x')})),
              "error[SB0626]: a release takes 1000 files, and this would be 1001\n");
}

TEST(ReleasePlan, RefusalsSayBothSides) {
    EXPECT_EQ(problem_of({wheel("a.whl", 'a')}, published({asset("a.whl", 'x')})),
              "error[SB0624]: release `v1` has `a.whl` with other bytes, and is not overwritten\n"
              "note: there: 5 bytes, sha256 " +
                  std::string(64, 'x') + "\nnote: here:  5 bytes, sha256 " + std::string(64, 'a') +
                  "\nhint: publish under a new tag, or `--replace --reason TEXT`, which the notes will show\n");
    EXPECT_EQ(problem_of({wheel("a.whl", 'a')}, published({asset("a.whl", 'x')}, true)),
              "error[SB0629]: release `v1` is immutable, and 1 of 1 files differ from it or are not in it\n"
              "hint: publish under a new tag\n");
    EXPECT_EQ(problem_of({wheel("a.whl", 'a')}, draft({asset("b.whl", 'b')})),
              "error[SB0630]: release `v1` has `b.whl`, which is not among the files given\n"
              "hint: give all wheels of the release, or leave it a draft with `--draft` until they are there\n");
}

TEST(ReleasePlan, ADraftMayStayOne) {
    const auto plan = make_release_plan({wheel("a.whl", 'a')}, draft({asset("b.whl", 'b')}), {.publishes = false});
    EXPECT_EQ(shown(plan), "upload:a.whl");
}

TEST(ReleasePlan, TimeComesFromTheBudget) {
    std::vector<OutgoingFile> many;
    for (int index = 0; index < 99; ++index) many.push_back(wheel(std::to_string(index) + ".whl", 'a'));
    const auto plan = make_release_plan(many, {}, {});
    EXPECT_EQ(plan.creating_requests(), 101U);
    EXPECT_EQ(plan.bytes_to_send(), 495U);
    EXPECT_DOUBLE_EQ(plan.paced_seconds, 60);
}

TEST(ReleasePlan, DigestsAreNeededWhereTheyDecide) {
    std::vector<ReleaseAsset> assets = {asset("a.whl", 'a'), asset("b.whl", 'b'), asset("c.whl", 'c', starter), asset("d.whl", 'd')};
    assets.push_back(asset(staged_name("a.whl"), 'a'));
    for (ReleaseAsset& each : assets) each.sha256.clear();
    const Release release = draft(assets);
    std::string names;
    for (const ReleaseAsset* each : find_unknown_digests({wheel("a.whl", 'a'), wheel("b.whl", 'b', 6), wheel("c.whl", 'c')}, release))
        names += each->name + " ";
    EXPECT_EQ(names, "a.whl a.whl.replacement ");
}

TEST(ReleasePlan, WhatWasSentIsCompared) {
    const std::vector<OutgoingFile> files = {wheel("a.whl", 'a'), wheel("b.whl", 'b'), wheel("c.whl", 'c'), wheel("d.whl", 'd', 6)};
    EXPECT_EQ(render_diagnostics(check_released(files, {asset("a.whl", 'a'), asset("b.whl", 'b', starter), asset("d.whl", 'd')})),
              "error[SB0628]: file `b.whl` is not complete in the release after it was sent\n"
              "hint: run it again; another upload to the same tag may be under way\n\n"
              "error[SB0628]: file `c.whl` is not in the release after it was sent\n"
              "hint: run it again; another upload to the same tag may be under way\n\n"
              "error[SB0628]: file `d.whl` has other bytes in the release than here after it was sent\n"
              "hint: run it again; another upload to the same tag may be under way\n");
}

}  // namespace
}  // namespace sagebuild
