#include "core/arch_coverage.hpp"

#include <gtest/gtest.h>

#include "core/text_list.hpp"
#include "support/matrix_fixture.hpp"

namespace sagebuild {

namespace {

Arch arch(const char* text) {
    return parse_arch(text).value();
}

struct RunsOnCase {
    const char* name;
    const char* image;
    const char* gpu;
    bool runs;
};

class RunsOn : public ::testing::TestWithParam<RunsOnCase> {};

TEST_P(RunsOn, FollowsBinaryCompatibility) {
    EXPECT_EQ(runs_on(arch(GetParam().image), arch(GetParam().gpu), test::small_compat()), GetParam().runs);
}

INSTANTIATE_TEST_SUITE_P(Cases, RunsOn,
                         ::testing::Values(RunsOnCase{"itself", "8.0", "8.0", true}, RunsOnCase{"later_minor", "8.0", "8.6", true},
                                           RunsOnCase{"earlier_minor", "8.6", "8.0", false}, RunsOnCase{"next_major", "9.0", "10.0", false},
                                           RunsOnCase{"gb10_takes_12_0", "12.0", "12.1", true},
                                           RunsOnCase{"specific_on_its_chip", "12.0a", "12.0", true},
                                           RunsOnCase{"specific_elsewhere", "12.0a", "12.1", false},
                                           RunsOnCase{"family_later_minor", "12.0f", "12.1", true},
                                           RunsOnCase{"family_earlier_minor", "12.1f", "12.0", false},
                                           RunsOnCase{"desktop_image_on_integrated", "8.0", "8.7", false},
                                           RunsOnCase{"integrated_image_on_desktop", "8.7", "8.9", false},
                                           RunsOnCase{"integrated_image_on_itself", "8.7", "8.7", true}),
                         [](const auto& row) { return std::string(row.param.name); });

struct ReasonCase {
    const char* name;
    const char* arch;
    const char* cuda;
    const char* reason;
};

class Uncompilable : public ::testing::TestWithParam<ReasonCase> {};

TEST_P(Uncompilable, SaysWhyInNumbers) {
    const Compat compat = test::small_compat();
    const CudaToolkit& toolkit = *compat.find_cuda(parse_version(GetParam().cuda).value());
    EXPECT_EQ(explain_uncompilable(arch(GetParam().arch), toolkit, compat), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Cases, Uncompilable,
                         ::testing::Values(ReasonCase{"too_new", "12.0", "12.6", "nvcc 12.6 ends at 9.0"},
                                           ReasonCase{"too_new_minor", "12.1", "12.8", "nvcc 12.8 ends at 12.0"},
                                           ReasonCase{"too_old", "7.0", "13.0", "CUDA 13 compiles nothing below 7.5"},
                                           ReasonCase{"gap", "10.3", "12.8", "nvcc 12.8 has no 10.3"},
                                           ReasonCase{"suffix", "10.0f", "12.8", "nvcc 12.8 has no 10.0f"},
                                           ReasonCase{"integrated", "10.1", "13.0",
                                                      "nvcc 13.0 has no 10.1, and integrated chips run only their own images"}),
                         [](const auto& row) { return std::string(row.param.name); });

struct UnitList {
    std::vector<std::string> archs;
};

struct AssignmentCase {
    const char* name;
    const char* cuda;
    UncompilablePolicy policy;
    std::vector<UnitList> units;
    std::vector<std::string> wanted;
    const char* text;  ///< `compiled | covered | dropped` of the target, then a line per unit
};

std::string text_of(const ArchAssignment& assignment) {
    const auto covered = [](const auto& list) {
        return join_texts(list, "; ", [](const CoveredArch& entry) { return entry.by.to_string() + ": " + entry.reason; });
    };
    const auto dropped = [](const auto& list) {
        return join_texts(list, "; ", [](const DroppedArch& entry) { return entry.arch.to_string() + ": " + entry.reason; });
    };
    std::string text =
        join_values(assignment.archs, " ") + " | " + covered(assignment.covered) + " | " + dropped(assignment.dropped) + "\n";
    for (const TargetUnit& unit : assignment.units) {
        text += unit.source + " " + join_values(unit.archs, " ");
        if (!unit.ptx.empty()) text += " ptx " + join_values(unit.ptx, " ");
        text += "\n";
    }
    return text;
}

class Assignment : public ::testing::TestWithParam<AssignmentCase> {};

TEST_P(Assignment, CompilesCoversOrDrops) {
    const AssignmentCase& param = GetParam();
    PackageMatrix package;
    package.root.value = "k";
    package.uncompilable = param.policy;
    for (const UnitList& list : param.units) {
        KernelUnit unit;
        unit.source.value = std::string(1, static_cast<char>('a' + package.units.size()));
        for (const Arch& entry : test::archs(list.archs)) unit.archs.push_back({entry, {}, "", 1});
        package.units.push_back(unit);
    }
    std::vector<Located<Arch>> wanted;
    for (const Arch& entry : test::archs(param.wanted)) wanted.push_back({entry, {}, "", 1});
    const Compat compat = test::small_compat();
    const CudaToolkit& toolkit = *compat.find_cuda(parse_version(param.cuda).value());
    EXPECT_EQ(text_of(assign_archs(package, wanted, toolkit, compat)), param.text);
}

constexpr auto drop = UncompilablePolicy::drop;

INSTANTIATE_TEST_SUITE_P(
    Cases, Assignment,
    ::testing::Values(
        AssignmentCase{
            "only_what_unit_and_row_share", "12.9", drop, {{{"8.0", "8.6", "9.0"}}}, {"8.0", "9.0"}, "8.0 9.0 |  | \nk/a 8.0 9.0\n"},
        AssignmentCase{"order_of_lists_does_not_matter", "12.9", drop, {{{"9.0", "8.0"}}}, {"9.0", "8.0"}, "8.0 9.0 |  | \nk/a 8.0 9.0\n"},
        AssignmentCase{"later_minor_is_covered",
                       "12.8",
                       drop,
                       {{{"12.0", "12.1"}}},
                       {"12.0", "12.1"},
                       "12.0 | 12.0: 12.1 runs on the 12.0 image: same major, later minor | \nk/a 12.0\n"},
        AssignmentCase{
            "compiled_where_the_toolkit_can", "12.9", drop, {{{"12.0", "12.1"}}}, {"12.0", "12.1"}, "12.0 12.1 |  | \nk/a 12.0 12.1\n"},
        AssignmentCase{"family_image_covers",
                       "12.9",
                       drop,
                       {{{"12.0f"}}},
                       {"12.0", "12.1"},
                       "12.0 | 12.0f: 12.1 runs on the 12.0f image: family image, later minor | \nk/a 12.0f\n"},
        AssignmentCase{"too_new_is_dropped",
                       "12.6",
                       drop,
                       {{{"9.0", "12.0", "12.1"}}},
                       {"9.0", "12.0", "12.1"},
                       "9.0 |  | 12.0: nvcc 12.6 ends at 9.0; 12.1: nvcc 12.6 ends at 9.0\nk/a 9.0\n"},
        AssignmentCase{"too_old_is_dropped",
                       "13.0",
                       drop,
                       {{{"7.0", "7.5"}}},
                       {"7.0", "7.5"},
                       "7.5 |  | 7.0: CUDA 13 compiles nothing below 7.5\nk/a 7.5\n"},
        AssignmentCase{
            "integrated_is_not_covered",
            "12.9",
            drop,
            {{
                 {"8.0"},
             },
             {{"9.0"}}},
            {"8.0", "8.6", "8.7"},
            "8.0 | 8.0: 8.6 runs on the 8.0 image: same major, later minor | 8.7: no kernel unit is written for 8.7\nk/a 8.0\nk/b \n"},
        AssignmentCase{"one_unit_is_enough",
                       "12.6",
                       drop,
                       {{{"9.0", "12.0"}}, {{"7.0"}}},
                       {"7.0", "9.0", "12.0"},
                       "7.0 9.0 |  | 12.0: nvcc 12.6 ends at 9.0\nk/a 9.0\nk/b 7.0\n"},
        AssignmentCase{"suffix_is_the_units_own", "12.9", drop, {{{"9.0a"}}, {{"9.0"}}}, {"9.0"}, "9.0 |  | \nk/a 9.0a\nk/b 9.0\n"},
        AssignmentCase{"ptx_serves_what_is_newer",
                       "12.6",
                       UncompilablePolicy::ptx,
                       {{{"8.0", "9.0", "12.0"}}, {{"7.0"}}},
                       {"7.0", "8.0", "9.0", "12.0"},
                       "7.0 8.0 9.0 | 9.0: 12.0 runs on the PTX of 9.0, compiled by the driver | \nk/a 8.0 9.0 ptx 9.0\nk/b 7.0\n"},
        AssignmentCase{"ptx_is_no_way_back",
                       "13.0",
                       UncompilablePolicy::ptx,
                       {{{"7.0", "7.5"}}},
                       {"7.0", "7.5"},
                       "7.5 |  | 7.0: CUDA 13 compiles nothing below 7.5\nk/a 7.5\n"},
        AssignmentCase{"ptx_of_specific_images_is_none",
                       "12.6",
                       UncompilablePolicy::ptx,
                       {{{"9.0a", "10.0"}}},
                       {"9.0", "10.0"},
                       "9.0 |  | 10.0: nvcc 12.6 ends at 9.0\nk/a 9.0a\n"},
        AssignmentCase{"no_units_is_as_one_for_all",
                       "12.8",
                       drop,
                       {},
                       {"10.0", "12.0", "12.1"},
                       "10.0 12.0 | 12.0: 12.1 runs on the 12.0 image: same major, later minor | \n"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace

}  // namespace sagebuild
