#include "core/driver_version.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

TEST(DriverVersion, KeepsTheTextAndComparesNumbers) {
    const auto version = parse_driver_version("570.124.06");
    ASSERT_TRUE(version);
    EXPECT_EQ(version->to_string(), "570.124.06");
    EXPECT_EQ(*version, *parse_driver_version("570.124.6"));
    EXPECT_LT(*parse_driver_version("525.60.13"), *parse_driver_version("525.105"));
    EXPECT_EQ(*parse_driver_version("580"), *parse_driver_version("580.0.0"));
    EXPECT_LT(*parse_driver_version("580"), *parse_driver_version("580.65.06"));
}

TEST(DriverVersion, RefusesWhatIsNone) {
    for (const char* text : {"", ".", "580.", ".580", "a", "5 80", "580.65.06.1.2", "123456", "-1", "580.-1", "+1"}) {
        EXPECT_FALSE(parse_driver_version(text)) << text;
    }
}

}  // namespace
}  // namespace sagebuild
