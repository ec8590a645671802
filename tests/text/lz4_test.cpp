#include "text/lz4.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace sagebuild {
namespace {

struct Block {
    std::string label;
    std::string bytes;
    std::size_t limit;
    std::optional<std::string> text;
};

void PrintTo(const Block& block, std::ostream* out) {
    *out << block.label;
}

class Lz4Test : public testing::TestWithParam<Block> {};

/// Blocks written by hand after the format description.
TEST_P(Lz4Test, IsUnpacked) {
    EXPECT_EQ(unpack_lz4_prefix(GetParam().bytes, GetParam().limit), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Rows, Lz4Test,
                         testing::Values(Block{"empty", "", 10, ""},
                                         Block{"literals",
                                               "\x30"
                                               "abc",
                                               10, "abc"},
                                         Block{"limit_in_literals",
                                               "\x30"
                                               "abc",
                                               2, "ab"},
                                         Block{"match",
                                               std::string("\x30"
                                                           "abc\3\0\x10"
                                                           "z",
                                                           8),
                                               100, "abcabcaz"},
                                         Block{"overlapping_match",
                                               std::string("\x15"
                                                           "a\1\0\x10"
                                                           "z",
                                                           6),
                                               100, "aaaaaaaaaaz"},
                                         Block{"limit_in_match",
                                               std::string("\x15"
                                                           "a\1\0",
                                                           4),
                                               4, "aaaa"},
                                         Block{"long_literals", std::string("\xF0\2") + std::string(17, 'x'), 100, std::string(17, 'x')},
                                         Block{"long_match",
                                               std::string("\x1F"
                                                           "a\1\0\xFF\1\x10"
                                                           "z",
                                                           8),
                                               1000, std::string(1 + 4 + 15 + 255 + 1, 'a') + "z"},
                                         Block{"literals_missing",
                                               "\x40"
                                               "abc",
                                               10, std::nullopt},
                                         Block{"length_missing", "\xF0", 10, std::nullopt},
                                         Block{"length_unfinished", "\xF0\xFF", 10, std::nullopt},
                                         Block{"half_distance",
                                               "\x11"
                                               "a\1",
                                               10, std::nullopt},
                                         Block{"no_distance",
                                               std::string("\x11"
                                                           "a\0\0",
                                                           4),
                                               10, std::nullopt},
                                         Block{"distance_before_start",
                                               std::string("\x11"
                                                           "a\2\0",
                                                           4),
                                               10, std::nullopt},
                                         Block{"match_length_missing",
                                               std::string("\x1F"
                                                           "a\1\0",
                                                           4),
                                               10, std::nullopt}),
                         [](const auto& row) { return row.param.label; });

}  // namespace
}  // namespace sagebuild
