#include "core/nearest.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

TEST(EditDistance, CountsInsertDeleteReplaceSwap) {
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("python", "pyhton"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("same", "same"), 0U);
}

TEST(FindNearest, RanksByDistanceAndDropsStrangers) {
    const std::vector<std::string> names = {"rows", "groups", "policies", "universal"};
    EXPECT_EQ(find_nearest("row", names), std::vector<std::string>{"rows"});
    EXPECT_EQ(find_nearest("gruops", names), std::vector<std::string>{"groups"});
    EXPECT_TRUE(find_nearest("zebra", names).empty());
    EXPECT_TRUE(find_nearest("", names).empty());
    EXPECT_TRUE(find_nearest(std::string(1'000'000, 'r'), names).empty());
}

TEST(FindNearest, NamesThatContainTheWordCount) {
    const std::vector<std::string> names = {"linux-sage2-pytorch28-cu129-python312", "linux-sage2-pytorch27-cu128-python312", "universal"};
    EXPECT_EQ(find_nearest("pytorch28-cu129", names).front(), names.front());
}

}  // namespace sagebuild
