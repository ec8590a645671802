#include "core/version.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/seed.hpp"

namespace sagebuild {

TEST(Version, ParsesOneToFourParts) {
    for (const std::string text : {"3", "3.12", "2.8.0", "12.9.1", "525.60.13", "1.2.3.4", "0.0"}) {
        const auto version = parse_version(text);
        ASSERT_TRUE(version.has_value()) << text;
        EXPECT_EQ(version->to_string(), text);
    }
}

TEST(Version, RefusesWhatIsNone) {
    for (const std::string text :
         {"", ".", "3.", ".3", "3..1", "03.1", "3.01", "a", "3.1a", "3.1 ", "-1", "1.2.3.4.5", "99999", "1e3", "12345678901234567890"}) {
        EXPECT_FALSE(parse_version(text).has_value()) << text;
    }
}

TEST(Version, ComparesByNumber) {
    EXPECT_LT(*parse_version("3.9"), *parse_version("3.10"));
    EXPECT_EQ(*parse_version("2.8"), *parse_version("2.8.0"));
    EXPECT_TRUE(parse_version("12.9.1")->starts_with(*parse_version("12.9")));
    EXPECT_FALSE(parse_version("12.9.1")->starts_with(*parse_version("12.90")));
    EXPECT_FALSE(parse_version("12.9")->starts_with(*parse_version("12.9.1")));
    EXPECT_EQ(parse_version("12.9.1")->prefix(2).to_string(), "12.9");
}

TEST(Version, ParseUndoesRender) {
    std::mt19937_64 random(testing::seed());
    for (int round = 0; round < 500; ++round) {
        std::vector<int> parts(1 + random() % 4);
        for (int& part : parts) part = static_cast<int>(random() % 10000);
        const Version version(parts);
        const auto again = parse_version(version.to_string());
        ASSERT_TRUE(again.has_value()) << version.to_string();
        EXPECT_EQ(again->to_string(), version.to_string());
    }
}

}  // namespace sagebuild
