#include "core/diagnostic.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

TEST(Diagnostic, ShowsEveryPartInOrder) {
    const Diagnostic diagnostic{.code = "SB0204",
                                .what = "no row of `sageattention` builds python 3.13 with torch 2.8",
                                .place = {"matrix/sageattention.yaml", 41, 13},
                                .excerpt = Excerpt{R"(    python: ["3.10", "3.11", "3.12"])", 1, "3.13 is not in this list"},
                                .nearest = {"linux-a differs in python", "linux-b in torch"},
                                .notes = {"torch 2.8 ships for 3.13"},
                                .hints = {"add \"3.13\" here", "add \"3.13\" here", "or select 3.12"},
                                .causes = {"first", "second"}};
    EXPECT_EQ(render_diagnostic(diagnostic),
              "error[SB0204]: no row of `sageattention` builds python 3.13 with torch 2.8\n"
              "  --> matrix/sageattention.yaml:41:13\n"
              "41 |     python: [\"3.10\", \"3.11\", \"3.12\"]\n"
              "   |             ^ 3.13 is not in this list\n"
              "caused by: first\n"
              "caused by: second\n"
              "nearest: linux-a differs in python; linux-b in torch\n"
              "note: torch 2.8 ships for 3.13\n"
              "hint: add \"3.13\" here\n"
              "hint: or select 3.12\n");
}

TEST(Diagnostic, CaretFollowsTabsAndWideText) {
    const Diagnostic diagnostic{.code = "SB0101", .what = "x", .place = {"f", 2, 6}, .excerpt = Excerpt{"\té: bad", 3, ""}};
    EXPECT_EQ(render_diagnostic(diagnostic), "error[SB0101]: x\n  --> f:2:6\n2 | \té: bad\n  | \t   ^^^\n");
}

TEST(Diagnostic, LongLinesAreCutAroundTheCaret) {
    const std::string line(10'000'000, 'a');
    const Diagnostic diagnostic{.code = "SB0101", .what = "x", .place = {"f", 1, 5'000'000}, .excerpt = Excerpt{line, 10'000'000, ""}};
    const std::string text = render_diagnostic(diagnostic);
    EXPECT_LT(text.size(), 600U);
    EXPECT_NE(text.find("..."), std::string::npos);
}

TEST(Diagnostic, WarningsSaySo) {
    EXPECT_EQ(render_diagnostic({.code = "SB0101", .what = "x", .severity = Severity::warning}), "warning[SB0101]: x\n");
}

TEST(Diagnostics, AreSeparatedByEmptyLines) {
    EXPECT_EQ(render_diagnostics({{.code = "SB0101", .what = "a"}, {.code = "SB0101", .what = "b"}}),
              "error[SB0101]: a\n\nerror[SB0101]: b\n");
}

struct PrintableCase {
    std::string name;
    std::string text;
    std::string shown;
};

class Printable : public ::testing::TestWithParam<PrintableCase> {};

TEST_P(Printable, ShowsUntrustedTextSafely) {
    EXPECT_EQ(printable(GetParam().text, 20), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(Cases, Printable,
                         ::testing::Values(PrintableCase{"plain", "abc", "abc"}, PrintableCase{"newline", "a\nb", "a\nb"},
                                           PrintableCase{"escape_sequence", "\x1b[31mred", "\\x1b[31mred"},
                                           PrintableCase{"valid_utf8", "käse", "käse"}, PrintableCase{"lone_byte", "a\xff", "a\\xff"},
                                           PrintableCase{"overlong", "\xc0\xaf", "\\xc0\\xaf"},
                                           PrintableCase{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
                                           PrintableCase{"c1_control", "\xc2\x9b", "\\xc2\\x9b"},
                                           PrintableCase{"direction_override", "\xe2\x80\xae", "\\xe2\\x80\\xae"},
                                           PrintableCase{"long_text", std::string(30, 'x'), std::string(20, 'x') + "..."}),
                         [](const auto& test) { return test.param.name; });

}  // namespace sagebuild
