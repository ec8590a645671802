#include "core/glob.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

struct GlobCase {
    const char* name;
    const char* pattern;
    const char* text;
    bool matches;
};

class Glob : public ::testing::TestWithParam<GlobCase> {};

TEST_P(Glob, MatchesWholeNames) {
    EXPECT_EQ(matches_glob(GetParam().pattern, GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Glob,
    ::testing::Values(GlobCase{"literal", "stable", "stable", true}, GlobCase{"literal_is_whole", "stable", "stables", false},
                      GlobCase{"star_takes_nothing", "stable*", "stable", true},
                      GlobCase{"star_in_front", "*python312", "linux-sage2-pytorch28-cu129-python312", true},
                      GlobCase{"star_is_whole", "*python31", "linux-sage2-pytorch28-cu129-python312", false},
                      GlobCase{"two_stars", "*cu12*python3?0", "linux-sage3-pytorch28-cu128-python310", true},
                      GlobCase{"star_tries_again", "*ab", "aab", true}, GlobCase{"star_backtracks_once", "a*b*c", "abbcbc", true},
                      GlobCase{"question_needs_a_letter", "a?", "a", false}, GlobCase{"set", "pytorch2[67]", "pytorch26", true},
                      GlobCase{"set_misses", "pytorch2[67]", "pytorch28", false}, GlobCase{"range", "python3[0-9]", "python39", true},
                      GlobCase{"negated", "python3[!0-8]", "python39", true},
                      GlobCase{"negated_misses", "python3[!0-9]", "python39", false},
                      GlobCase{"bracket_first_in_set", "a[]]b", "a]b", true}, GlobCase{"dash_last_in_set", "a[x-]b", "a-b", true},
                      GlobCase{"unclosed_is_literal", "a[b", "a[b", true}, GlobCase{"empty_pattern", "", "a", false},
                      GlobCase{"empty_both", "", "", true}, GlobCase{"only_stars", "***", "", true}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace

TEST(Glob, ManyStarsStayFast) {
    std::string pattern;
    for (int count = 0; count < 200; ++count) pattern += "*a";
    EXPECT_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

}  // namespace sagebuild
