#include "core/python_version_order.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

PythonVersionOrder order(const std::string& text) {
    const auto version = parse_python_version(text);
    EXPECT_TRUE(version) << text;
    return version.value_or(PythonVersionOrder());
}

/// The example of the specification, with epochs, numbers that are not texts, and local versions.
TEST(PythonVersionOrder, IsThatOfTheSpecification) {
    const std::vector<std::string> ascending = {"1.dev0",        "1.0.dev456",    "1.0a1.dev1",   "1.0a1", "1.0a2.dev456",
                                                "1.0a12.dev456", "1.0a12",        "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456",
                                                "1.0b2.post345", "1.0rc1.dev456", "1.0rc1",       "1.0",   "1.0.post456.dev34",
                                                "1.0.post456",   "1.1.dev1",      "1.2",          "1.10",  "1!0.1"};
    for (std::size_t left = 0; left < ascending.size(); ++left) {
        for (std::size_t right = 0; right < ascending.size(); ++right) {
            EXPECT_TRUE(order(ascending[left]).compare_public(order(ascending[right])) == (left <=> right))
                << ascending[left] << " " << ascending[right];
        }
    }
    const std::vector<std::string> locals = {"1.0",   "1.0+abc.5", "1.0+abc.7", "1.0+cu128torch2.8.0.post1", "1.0+cu128torch2.8.0.post3",
                                             "1.0+5", "1.0+5.0"};
    for (std::size_t at = 1; at < locals.size(); ++at) {
        EXPECT_TRUE(order(locals[at - 1]).compare_local(order(locals[at])) < 0) << locals[at];
    }
}

TEST(PythonVersionOrder, SpellingsOfOneVersionAreEqual) {
    for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{
             {"1.0", "1.0.0"}, {"v1.0RC1", "1.0c1"}, {"1.0-1", "1.0.post1"}, {"1.0_alpha.2", "1.0a2"}, {"1.0.rev3", "1.0.post3"}}) {
        EXPECT_TRUE(order(left).compare_public(order(right)) == 0) << left;
    }
    EXPECT_TRUE(order("1.0+CU128_a").compare_local(order("1.0+cu128.a")) == 0);
    EXPECT_TRUE(order("2.0b1").is_pre_release());
    EXPECT_TRUE(order("2.0.dev1").is_pre_release());
    EXPECT_FALSE(order("2.0.post1").is_pre_release());
    EXPECT_FALSE(parse_python_version("one"));
    EXPECT_TRUE(order("99999999999999999999999").compare_public(order("99999999999999999999998")) == 0);
}

TEST(PythonVersionOrder, RequiresPythonDecidesByMinors) {
    const std::vector<std::tuple<std::string, int, std::optional<bool>>> rows = {
        {">=3.9", 9, true},      {">=3.9", 8, false},    {">=3.9,<3.14", 14, false},  {">=3.9, <3.14", 13, true},   {">=3.9.2", 9, true},
        {"<3.13.1", 13, true},   {"<3.13.0", 13, false}, {"!=3.10.*", 10, false},     {"!=3.10.3", 10, true},       {"==3.12.*", 12, true},
        {"==3.12.*", 11, false}, {"~=3.9", 12, true},    {"~=3.9.1", 10, false},      {">3.9", 8, false},           {"<=3.11", 12, false},
        {"==3.*", 12, true},     {"", 12, true},         {"three", 12, std::nullopt}, {">=three", 12, std::nullopt}};
    for (const auto& [text, minor, allowed] : rows) EXPECT_EQ(allows_python(text, 3, minor), allowed) << text << " " << minor;
}

}  // namespace
}  // namespace sagebuild
