#include "core/name_pattern.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

NamePattern pattern(std::string_view text) {
    auto reading = NamePatternReading::parse(text);
    EXPECT_TRUE(reading.pattern) << reading.problem;
    return std::move(*reading.pattern);
}

/// The captures joined by spaces, or `no`.
std::string captures(std::string_view pattern_text, std::string_view text) {
    const auto found = pattern(pattern_text).match(text);
    if (!found) return "no";
    std::string out;
    for (const NameCapture& capture : *found) out += (out.empty() ? "" : " ") + std::string(capture.text);
    return out;
}

TEST(NamePattern, TakesTheLongestThatLetsTheRestMatch) {
    EXPECT_EQ(captures("cu{cuda}torch{torch}", "cu128torch2.8.0"), "128 2.8.0");
    EXPECT_EQ(captures("cu{cuda}torch{torch}.sm{sm}", "cu130torch2.13.0.sm90a"), "130 2.13.0 90a");
    EXPECT_EQ(captures("git{hex}cu{cuda}", "gitaaa9932acu129"), "aaa9932a 129");
    EXPECT_EQ(captures("rocm{version}[.torch{torch}]", "rocm6.2.4.torch2.6.0"), "6.2.4 2.6.0");
    EXPECT_EQ(captures("rocm{version}[.torch{torch}]", "rocm6.2.4"), "6.2.4");
    EXPECT_EQ(captures("{torch:xyz}.{cuda}", "2100.130"), "2100 130");
    EXPECT_EQ(captures("a[b]c[d]", "ac"), "");
    EXPECT_EQ(captures("a[b]c[d]", "abcd"), "");
}

TEST(NamePattern, MatchesWholeTextsOnly) {
    EXPECT_EQ(captures("cu{cuda}", "cu128torch2.8"), "no");
    EXPECT_EQ(captures("cu{cuda}", "xcu128"), "no");
    EXPECT_EQ(captures("cu{cuda}", "cu1"), "no");
    EXPECT_EQ(captures("cu{cuda}", "cu1284"), "no");
    EXPECT_EQ(captures("torch{torch}", "torch2"), "no");
    EXPECT_EQ(captures("{torch:xyz}.{cuda}", "8.9"), "no");
    EXPECT_EQ(captures("torch{container}", "torch2.8"), "no");
    EXPECT_EQ(captures("torch{container}", "torch25.04"), "25.04");
    EXPECT_EQ(captures("torch{torch}", ""), "no");
}

TEST(NamePattern, HostileTextsAreAnsweredAtOnce) {
    const std::string digits(255, '1');
    const NamePattern many = pattern("[{number}][{number}][{number}][{number}][{number}][{number}][{number}][{number}]x");
    EXPECT_FALSE(many.match(digits));
    EXPECT_FALSE(many.match(std::string(1 << 20, '1')));
}

struct WrongPattern {
    std::string text;
    std::string problem;
};

class WrongPatternTest : public testing::TestWithParam<WrongPattern> {};

TEST_P(WrongPatternTest, IsExplained) {
    const auto reading = NamePatternReading::parse(GetParam().text);
    EXPECT_FALSE(reading.pattern);
    EXPECT_EQ(reading.problem, GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(Rows, WrongPatternTest,
                         testing::Values(WrongPattern{"", "it is empty"},
                                         WrongPattern{std::string(121, 'a'), "it has more than 120 letters"},
                                         WrongPattern{"a[b[c]]", "`[` inside `[...]`"}, WrongPattern{"a]", "`]` without `[`"},
                                         WrongPattern{"a[b", "`[` without `]`"}, WrongPattern{"{cuda", "`{` without `}`"},
                                         WrongPattern{"{cudda}", "there is no field `{cudda}`"},
                                         WrongPattern{"CU", "`C` is neither a small letter, a digit nor a dot"},
                                         WrongPattern{"(a|b)*", "`(` is neither a small letter, a digit nor a dot"}));

}  // namespace
}  // namespace sagebuild
