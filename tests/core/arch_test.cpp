#include "core/arch.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

struct ArchCase {
    std::string text;
    std::string compiler_name;
};

class ArchNames : public ::testing::TestWithParam<ArchCase> {};

TEST_P(ArchNames, GoBothWays) {
    const auto arch = parse_arch(GetParam().text);
    ASSERT_TRUE(arch.has_value());
    EXPECT_EQ(arch->to_string(), GetParam().text);
    EXPECT_EQ(arch->compiler_name(), GetParam().compiler_name);
    EXPECT_EQ(parse_compiler_arch(GetParam().compiler_name), arch);
}

INSTANTIATE_TEST_SUITE_P(Cases, ArchNames,
                         ::testing::Values(ArchCase{"7.0", "70"}, ArchCase{"8.9", "89"}, ArchCase{"9.0a", "90a"}, ArchCase{"10.0", "100"},
                                           ArchCase{"12.1", "121"}, ArchCase{"12.0f", "120f"}),
                         [](const auto& test) { return "sm_" + test.param.compiler_name; });

TEST(Arch, RefusesWhatIsNone) {
    for (const std::string text :
         {"", "9", "9.", ".0", "09.0", "9.00", "9.0b", "9.0aa", "90", "9.0 ", "+9.0", "100.0", "sm_90", "9.0+PTX"}) {
        EXPECT_FALSE(parse_arch(text).has_value()) << text;
    }
    for (const std::string text : {"", "9", "sm_90", "90x", "1000", "090", "9.0"})
        EXPECT_FALSE(parse_compiler_arch(text).has_value()) << text;
}

TEST(Arch, OrdersByNumberNotByText) {
    EXPECT_LT(*parse_arch("8.9"), *parse_arch("10.0"));
    EXPECT_LT(*parse_arch("9.0"), *parse_arch("9.0a"));
    EXPECT_EQ(parse_arch("9.0a")->capability(), *parse_arch("9.0"));
}

}  // namespace sagebuild
