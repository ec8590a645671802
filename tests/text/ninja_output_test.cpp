#include "text/ninja_output.hpp"

#include <gtest/gtest.h>

#include "support/example_plan.hpp"

namespace sagebuild {
namespace {

NinjaOutput read_lines(const std::vector<std::string>& lines, std::vector<NinjaProgress>* progress = nullptr) {
    NinjaOutput output;
    for (const std::string& line : lines) {
        if (auto step = output.read_line(line); step && progress != nullptr) progress->push_back(*step);
    }
    return output;
}

TEST(NinjaOutput, TellsStepsFromWhatTheyPrint) {
    std::vector<NinjaProgress> progress;
    const NinjaOutput output = read_lines({"ninja: Entering directory `/x'",
                                           "\x1e"
                                           "1 3 toolchain cuda-12.9.1",
                                           "a.cu(1): warning: unused",
                                           "\x1e"
                                           "2 3 image u 8.9",
                                           "FAILED: /b/images/1.cubin ", "sagebuild-device compile --arch sm_89", "a.cu(2): error: bad",
                                           "    x", "", "ninja: build stopped: subcommand failed."},
                                          &progress);
    EXPECT_EQ(progress, (std::vector<NinjaProgress>{{1, 3, "toolchain cuda-12.9.1"}, {2, 3, "image u 8.9"}}));
    EXPECT_EQ(output.failures(),
              (std::vector<NinjaFailure>{{"image u 8.9", "sagebuild-device compile --arch sm_89", {"a.cu(2): error: bad", "    x", ""}}}));
    EXPECT_EQ(output.other_lines(), (std::vector<std::string>{"ninja: Entering directory `/x'", "a.cu(1): warning: unused",
                                                              "ninja: build stopped: subcommand failed."}));
}

struct FailureCase {
    std::string name;
    std::string step;
    std::vector<std::string> lines;
    std::string text;
};

class ExplainFailure : public ::testing::TestWithParam<FailureCase> {};

TEST_P(ExplainFailure, QuotesTheFirstError) {
    const testing::PlanExample example = testing::make_plan_example();
    const Plan plan = example.plan(example.targets);
    const Step* step = plan.find(GetParam().step);
    ASSERT_NE(step, nullptr);
    const Diagnostic error = explain_failure(*step, {.step = step->id, .command = "sagebuild-device compile", .lines = GetParam().lines});
    EXPECT_EQ(render_diagnostic(error), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Steps, ExplainFailure,
    ::testing::Values(FailureCase{"nvrtc",
                                  "image sageattention/sm80_attention cuda-12.9.1 8.9",
                                  {"a.cu(9): warning #177-D: unused", "  int x;", "",
                                   "kernels/a.cu(12): error: identifier \"foo\" is undefined", "      foo();", "      ^", "",
                                   "kernels/a.cu(13): error: second", "2 errors detected in the compilation of \"kernels/a.cu\"."},
                                  "error[SB0304]: unit `sm80_attention` does not compile for arch 8.9 with cuda-12.9.1\n"
                                  "  --> kernels/a.cu:12\n"
                                  "caused by: identifier \"foo\" is undefined\n      foo();\n      ^\n"
                                  "note: needed by linux-sage2-pytorch28-cu129-python310 and 3 more\n"
                                  "note: the command was: sagebuild-device compile\n"},
                      FailureCase{
                          "clang",
                          "library sageattention x86_64 cuda-12.6.3 7.0,7.5,8.0,8.6,8.7,8.9,9.0",
                          {"host/launch.c:3:5: error: use of undeclared identifier 'x'", "    x = 1;", "    ^", "1 error generated."},
                          "error[SB0507]: the host library of `sageattention` for x86_64 cannot be built\n"
                          "  --> host/launch.c:3:5\n"
                          "caused by: use of undeclared identifier 'x'\n    x = 1;\n    ^\n1 error generated.\n"
                          "note: needed by linux-sage2-pytorch26-cu126-python310 and 3 more\n"
                          "note: the command was: sagebuild-device compile\n"},
                      FailureCase{"our_own_step",
                                  "wheel linux-sage2-universal-x86_64",
                                  {"error[SB0410]: wheel lacks x", "caused by: y"},
                                  "error[SB0507]: the wheel of `linux-sage2-universal-x86_64` cannot be made\n"
                                  "caused by: error[SB0410]: wheel lacks x\ncaused by: y\n"
                                  "note: needed by linux-sage2-universal-x86_64\n"
                                  "note: the command was: sagebuild-device compile\n"},
                      FailureCase{"no_known_form",
                                  "toolchain zig-0.15.2",
                                  {"pip: connection refused"},
                                  "error[SB0507]: toolchain `zig-0.15.2` cannot be fetched\n"
                                  "caused by: pip: connection refused\n"
                                  "note: needed by linux-sage2-pytorch26-cu126-python310 and 10 more\n"
                                  "note: the command was: sagebuild-device compile\n"},
                      FailureCase{"silent",
                                  "fatbin sageattention/sm80_attention cuda-12.6.3 8.0,8.6,8.7,8.9,9.0",
                                  {},
                                  "error[SB0507]: the images of unit `sm80_attention` cannot be packed\n"
                                  "note: needed by linux-sage2-pytorch26-cu126-python310 and 3 more\n"
                                  "note: the command was: sagebuild-device compile\n"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace sagebuild
