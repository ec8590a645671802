#include "core/coverage.hpp"

#include <gtest/gtest.h>

#include "core/coverage_filter.hpp"
#include "core/suggest.hpp"
#include "support/matrix_fixture.hpp"
#include "text/compat_yaml.hpp"

namespace sagebuild {

namespace {

const Compat& project_compat() {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    return compat;
}

Coverage cover(const Matrix& matrix, const std::string& package) {
    const auto found =
        std::find_if(matrix.packages.begin(), matrix.packages.end(), [&](const auto& one) { return one.name.value == package; });
    return make_coverage(*found, test::expand(matrix, project_compat()).targets, project_compat());
}

const Coverage& project_coverage() {
    static const Coverage coverage = cover(test::read_matrix(test::project_matrix_files()), "sageattention");
    return coverage;
}

struct CellCase {
    std::string name;
    std::vector<std::string> words;  ///< they leave one cell
    std::string expected;
};

/// `covered by row and universal`, or the state with its reason and line.
std::string describe(const Coverage& coverage) {
    if (coverage.cells.size() != 1) return std::to_string(coverage.cells.size()) + " cells";
    const CoverageCell& cell = coverage.cells.front();
    const std::string because = ": " + coverage.reasons[cell.reason] + (cell.line == 0 ? "" : " | " + coverage.lines[cell.line].text);
    switch (cell.state) {
        case CoverageState::covered:
            return std::string("covered") + (cell.by_row ? " by row" : "") + (cell.by_universal ? " by universal" : "");
        case CoverageState::missing:
            return "missing" + because;
        case CoverageState::unsupported:
            return "unsupported" + because;
        case CoverageState::impossible:
            return "impossible" + because;
    }
    return "";
}

class CoverageCellTest : public testing::TestWithParam<CellCase> {};

TEST_P(CoverageCellTest, IsAsTheDataSays) {
    const auto coverage = narrow_coverage(project_coverage(), GetParam().words);
    ASSERT_TRUE(coverage) << render_diagnostics(coverage.errors());
    EXPECT_EQ(describe(*coverage), GetParam().expected);
}

const CellCase cell_cases[] = {
    {"row_and_universal", {"torch=2.8", "cuda=12.9", "python=3.12", "os=linux", "cpu=x86_64", "arch=8.9"}, "covered by row by universal"},
    {"later_minor_on_an_image",
     {"torch=2.8", "cuda=12.9", "python=3.12", "os=linux", "cpu=x86_64", "arch=10.3"},
     "covered by row by universal"},
    {"free_threaded", {"torch=2.8", "cuda=12.9", "python=3.13t", "os=linux", "cpu=x86_64", "arch=9.0"}, "covered by universal"},
    {"newer_cuda_major", {"torch=2.14", "cuda=13.2", "python=3.14", "os=linux", "cpu=x86_64", "arch=12.0"}, "covered by universal"},
    {"free_threaded_row",
     {"torch=2.8", "cuda=12.9", "python=3.13t", "os=linux", "cpu=x86_64", "arch=9.0", "kind=row"},
     "missing: rows are for Pythons with the global lock: the universal wheel serves it"},
    {"python_beside_a_row",
     {"torch=2.8", "cuda=12.9", "python=3.13", "os=linux", "cpu=x86_64", "arch=9.0", "kind=row"},
     "missing: the row for torch 2.8 and CUDA 12.9 does not list Python 3.13 | - {torch: \"2.8.0\", cuda: \"12.9.1\", python: [\"3.9\", "
     "\"3.10\", \"3.11\", \"3.12\", \"3.13\"], archs: extended}"},
    {"no_toolchain",
     {"torch=2.12", "cuda=13.2", "python=3.12", "os=linux", "cpu=x86_64", "arch=9.0", "kind=row"},
     "missing: no row for torch 2.12 and CUDA 13.2, and no toolchain of CUDA 13.2 is pinned in `compat/toolchains.yaml` "
     "(`compat/pin-toolchain` pins one)"},
    {"arm",
     {"torch=2.9", "cuda=13.0", "python=3.12", "os=linux", "cpu=aarch64", "arch=12.1"},
     "missing: rows are for x86_64: no universal wheel for aarch64 | - {cuda: \"12.9.1\", cpu: aarch64, platforms: [manylinux_2_17, "
     "manylinux2014], archs: extended}"},
    {"windows", {"torch=2.9", "cuda=13.0", "python=3.12", "os=windows", "arch=12.0"}, "missing: the matrix makes wheels for Linux only"},
    {"arm_machine_without_arm",
     {"torch=2.9", "cuda=13.0", "python=3.12", "os=linux", "cpu=x86_64", "arch=12.1"},
     "impossible: machines with a GPU of 12.1 are 64-bit Arm"},
    {"below_requires",
     {"torch=2.5", "cuda=12.4", "python=3.12", "os=linux", "cpu=x86_64", "arch=9.0"},
     "impossible: `sageattention` requires torch >=2.6"},
    {"no_unit",
     {"torch=2.6", "cuda=12.6", "python=3.12", "os=linux", "cpu=x86_64", "arch=6.1"},
     "impossible: no kernel unit of `sageattention` is written for 6.1"},
    {"variant",
     {"torch=2.8", "cuda=13.0", "python=3.12", "os=linux", "cpu=x86_64", "arch=9.0"},
     "unsupported: torch 2.8 does not ship for CUDA 13.0"},
    {"unsettled",
     {"torch=2.15", "cuda=12.6", "python=3.12", "os=linux", "cpu=x86_64", "arch=9.0"},
     "unsupported: it is not settled that torch 2.15 ships for CUDA 12.6"},
    {"python",
     {"torch=2.8", "cuda=12.9", "python=3.14", "os=linux", "cpu=x86_64", "arch=9.0"},
     "unsupported: torch 2.8 does not ship for Python 3.14"},
    {"platform",
     {"torch=2.8", "cuda=12.6", "python=3.12", "os=linux", "cpu=aarch64", "arch=9.0"},
     "unsupported: torch 2.8 for CUDA 12.6 does not ship for Linux on aarch64"},
    {"torch_images",
     {"torch=2.6", "cuda=12.6", "python=3.12", "os=linux", "cpu=x86_64", "arch=12.0"},
     "unsupported: torch 2.6 for CUDA 12.6 and Linux on x86_64 holds images for 5.0 6.0 7.0 7.5 8.0 8.6 9.0, none for 12.0"},
};

INSTANTIATE_TEST_SUITE_P(Cells, CoverageCellTest, testing::ValuesIn(cell_cases), [](const auto& one) { return one.param.name; });

/// Wheels that are no targets, each alone.
struct OtherCase {
    std::string name;
    WheelCandidate wheel;
    std::vector<std::string> words;
    std::string expected;
};

WheelCandidate named(const std::string& name) {
    WheelCandidate wheel;
    wheel.name = name;
    return wheel;
}

WheelCandidate of_any_torch(const std::string& name) {
    WheelCandidate wheel = named(name);
    wheel.content.emplace();
    wheel.content->any_torch = true;
    wheel.content->images = {{{Arch{8, 9}}, {Arch{9, 0, ArchFeature::specific}}}};
    return wheel;
}

class OtherWheelTest : public testing::TestWithParam<OtherCase> {};

TEST_P(OtherWheelTest, CountsWhereSelectWouldTakeIt) {
    const Matrix matrix = test::read_matrix(test::project_matrix_files());
    const auto package =
        std::find_if(matrix.packages.begin(), matrix.packages.end(), [](const auto& one) { return one.name.value == "sageattention"; });
    const auto coverage = narrow_coverage(make_coverage(*package, {}, project_compat(), {GetParam().wheel}), GetParam().words);
    ASSERT_TRUE(coverage) << render_diagnostics(coverage.errors());
    EXPECT_EQ(describe(*coverage).substr(0, GetParam().expected.size()), GetParam().expected);
}

const std::vector<std::string> torch_29_on_ada = {"torch=2.9", "cuda=12.8", "python=3.12", "os=linux", "cpu=x86_64", "arch=8.9"};
const std::string other_publisher = "sageattention-2.2.0+cu128torch2.9.0-cp312-cp312-linux_x86_64.whl";
const std::string universal = "sageattention-2.1.0-py3-none-manylinux_2_17_x86_64.whl";

const OtherCase other_cases[] = {
    {"another_publisher", named(other_publisher), torch_29_on_ada, "covered by row"},
    {"another_python", named("sageattention-2.2.0+cu128torch2.9.0-cp311-cp311-linux_x86_64.whl"), torch_29_on_ada, "missing: "},
    {"another_torch", named("sageattention-2.2.0+cu128torch2.8.0-cp312-cp312-linux_x86_64.whl"), torch_29_on_ada, "missing: "},
    {"another_major", named("sageattention-2.2.0+cu130torch2.9.0-cp312-cp312-linux_x86_64.whl"), torch_29_on_ada, "missing: "},
    {"windows",
     named("sageattention-2.2.0+cu128torch2.9.0-cp312-cp312-win_amd64.whl"),
     {"torch=2.9", "cuda=12.8", "python=3.12", "os=windows", "arch=8.9"},
     "covered by row"},
    {"torch_that_our_sources_refuse",
     named("sageattention-2.1.1+cu124torch2.5.1-cp312-cp312-linux_x86_64.whl"),
     {"torch=2.5", "cuda=12.4", "python=3.12", "os=linux", "cpu=x86_64", "arch=8.9"},
     "covered by row"},
    {"says_no_torch", named("sageattention-2.1.1-cp312-cp312-linux_x86_64.whl"), torch_29_on_ada, "missing: "},
    {"no_machine_code", named("sageattention-1.0.6-py3-none-any.whl"), torch_29_on_ada, "covered by universal"},
    {"opened", of_any_torch(universal), torch_29_on_ada, "covered by universal"},
    {"opened_without_image_for_the_gpu",
     of_any_torch(universal),
     {"torch=2.9", "cuda=12.8", "python=3.12", "os=linux", "cpu=x86_64", "arch=8.0"},
     "missing: "},
    {"no_wheel", named("sageattention.tar.gz"), torch_29_on_ada, "missing: "},
};

INSTANTIATE_TEST_SUITE_P(Coverage, OtherWheelTest, testing::ValuesIn(other_cases), [](const auto& each) { return each.param.name; });

/// `matrix/sageattention.yaml` with a line added or replaced where its place says.
std::string edited(const std::string& yaml, const CoverageLine& line) {
    const auto replace_line = [&](std::size_t at, const std::string& with) {
        return yaml.substr(0, at) + with + yaml.substr(yaml.find('\n', at));
    };
    if (line.place.ends_with(", rows") || line.place.ends_with(", universal")) {
        const std::string head = "\n" + line.place.substr(line.place.find(", ") + 2) + ":\n";
        const std::size_t at = yaml.find(head) + head.size();
        return yaml.substr(0, at) + "  " + line.text + "\n" + yaml.substr(at);
    }
    if (line.place.ends_with(", arch_lists") || line.place.ends_with(", policies")) {
        const std::string key = "\n  " + line.text.substr(0, line.text.find(':') + 1);
        return replace_line(yaml.find(key) + 1, "  " + line.text);
    }
    std::size_t at = 0;
    for (int number = std::stoi(line.place.substr(line.place.rfind(':') + 1)); number > 1; --number) at = yaml.find('\n', at) + 1;
    return replace_line(at, "  " + line.text);
}

/// Every line that a coverage proposes is good YAML, expands, and makes each cell that proposes it covered; where the reason names two
/// obstacles, it leads to the second line.
void expect_lines_to_serve(const std::string& yaml, std::size_t at_least) {
    const Coverage before = cover(test::read_matrix({{"sageattention.yaml", yaml}}), "sageattention");
    ASSERT_GE(before.lines.size(), at_least + 1);
    for (std::size_t line = 1; line < before.lines.size(); ++line) {
        const std::string text = edited(yaml, before.lines[line]);
        SCOPED_TRACE(before.lines[line].place + ": " + before.lines[line].text);
        const Coverage after = cover(test::read_matrix({{"sageattention.yaml", text}}), "sageattention");
        ASSERT_EQ(after.cells.size(), before.cells.size());
        for (std::size_t cell = 0; cell < before.cells.size(); ++cell) {
            if (before.cells[cell].line != line) continue;
            if (before.reasons[before.cells[cell].reason].find(", and ") != std::string::npos) {
                ASSERT_NE(after.cells[cell].line, 0);
                ASSERT_FALSE(after.lines[after.cells[cell].line] == before.lines[line]) << "the first of two edits brings the second";
                continue;
            }
            ASSERT_EQ(after.cells[cell].state, CoverageState::covered) << before.reasons[before.cells[cell].reason];
            ASSERT_TRUE(after.cells[cell].by_row || !before.lines[line].is_row);
        }
    }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("the project's matrix lacks " + from);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST(Coverage, EveryLineServesTheCellsThatProposeIt) {
    const std::string yaml = test::project_matrix_files().at("sageattention.yaml");
    expect_lines_to_serve(yaml, 20);
    // shorter arch lists, toolkits that end early and no universal wheel bring out the other kinds of lines
    const std::string extended = "extended: [\"7.0\", \"7.5\", \"8.0\", \"8.6\", \"8.7\", \"8.9\", \"9.0\", \"10.0\", \"12.0\", \"12.1\"]";
    expect_lines_to_serve(replaced(yaml, extended, "extended: [\"8.0\", \"8.6\", \"9.0\"]"), 20);
    const std::size_t universal = yaml.find("\nuniversal:"), end = yaml.find("\n\n", universal);
    expect_lines_to_serve(yaml.substr(0, universal) +
                              "\nuniversal:\n  - {cuda: \"13.0.0\", cpu: x86_64, platforms: [manylinux2014], archs: extended}" +
                              yaml.substr(end),
                          20);
}

TEST(Coverage, APackageWithoutKernelsCoversNothing) {
    const Coverage coverage = cover(test::read_matrix(test::project_matrix_files()), "sageattn3");
    for (const CoverageCell& cell : coverage.cells) ASSERT_NE(cell.state, CoverageState::covered);
}

TEST(Coverage, IsAFunctionOfItsInputs) {
    const Coverage again = cover(test::read_matrix(test::project_matrix_files()), "sageattention");
    EXPECT_EQ(again.cells, project_coverage().cells);
    EXPECT_EQ(again.reasons, project_coverage().reasons);
    EXPECT_EQ(again.lines, project_coverage().lines);
}

}  // namespace sagebuild
