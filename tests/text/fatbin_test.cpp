#include "text/fatbin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "support/example_wheel.hpp"
#include "text/elf.hpp"

namespace sagebuild {

void PrintTo(const FatbinImage& image, std::ostream* out) {
    *out << image.arch.to_string() << (image.ptx ? "+ptx" : "") << " " << image.size;
}

namespace {

using testing::ElementsAre;

std::string image_text(const Fatbin& fatbin) {
    std::string out;
    for (const FatbinImage& image : fatbin) out += (out.empty() ? "" : " ") + image.arch.to_string() + (image.ptx ? "+ptx" : "");
    return out;
}

struct RealFatbin {
    std::string file;
    std::string images;
    ImageCompression compression;
};

void PrintTo(const RealFatbin& row, std::ostream* out) {
    *out << row.file;
}

class RealFatbinTest : public testing::TestWithParam<RealFatbin> {};

/// Files of libnvfatbin 12.9 and 13.5; `cuobjdump --list-elf --list-ptx` of 13.5 lists the same archs, `f` as its number alone.
TEST_P(RealFatbinTest, IsRead) {
    const auto fatbins = parse_fatbins(test::wheel_data(GetParam().file));
    ASSERT_TRUE(fatbins) << render_diagnostics(fatbins.errors());
    ASSERT_EQ(fatbins->size(), 1U);
    EXPECT_EQ(image_text(fatbins->front()), GetParam().images);
    for (const FatbinImage& image : fatbins->front()) {
        EXPECT_EQ(image.compression, GetParam().compression);
        EXPECT_GT(image.size, 400U);
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, RealFatbinTest,
                         testing::Values(RealFatbin{"cuda129-lz4.fatbin", "7.0 8.0 9.0 9.0a 10.0a 10.0f 12.0 9.0+ptx 9.0a+ptx",
                                                    ImageCompression::lz4},
                                         RealFatbin{"cuda129-raw.fatbin", "8.0 9.0a", ImageCompression::none},
                                         RealFatbin{"cuda135-lz4.fatbin", "7.5 8.0 9.0a 10.0a 12.0f", ImageCompression::lz4},
                                         RealFatbin{"cuda135-zstd.fatbin", "7.5 9.0a 12.0f 9.0+ptx", ImageCompression::zstd}),
                         [](const auto& row) {
                             std::string name = row.param.file;
                             std::replace_if(
                                 name.begin(), name.end(), [](char letter) { return letter == '-' || letter == '.'; }, '_');
                             return name;
                         });

TEST(ParseFatbins, ContainersOfAnAlignedSectionKeepTheirOrder) {
    const auto library = parse_elf_library(test::wheel_data("native.so"));
    ASSERT_TRUE(library) << render_diagnostics(library.errors());
    const auto fatbins = parse_fatbins(library->device_images);
    ASSERT_TRUE(fatbins) << render_diagnostics(fatbins.errors());
    ASSERT_EQ(fatbins->size(), 2U);
    EXPECT_EQ(image_text((*fatbins)[0]), "8.0 9.0a");
    EXPECT_EQ(image_text((*fatbins)[1]), "12.0f 9.0+ptx");
}

TEST(ParseFatbins, NothingAndPaddingHoldNoContainers) {
    EXPECT_TRUE(parse_fatbins("")->empty());
    EXPECT_TRUE(parse_fatbins(std::string(4096, '\0'))->empty());
}

/// One change of `cuda129-raw.fatbin` at a stated offset, and the whole text of the refusal.
struct BrokenFatbin {
    std::string label;
    std::size_t at;
    std::string bytes;
    std::string text;
};

void PrintTo(const BrokenFatbin& row, std::ostream* out) {
    *out << row.label;
}

class BrokenFatbinTest : public testing::TestWithParam<BrokenFatbin> {};

TEST_P(BrokenFatbinTest, IsExplained) {
    std::string section = test::wheel_data("cuda129-raw.fatbin");
    section.replace(GetParam().at, GetParam().bytes.size(), GetParam().bytes);
    const auto fatbins = parse_fatbins(section);
    ASSERT_FALSE(fatbins);
    EXPECT_EQ(render_diagnostics(fatbins.errors()), "error[SB0414]: " + GetParam().text + "\n");
}

constexpr std::size_t entry = 16;

INSTANTIATE_TEST_SUITE_P(
    Rows, BrokenFatbinTest,
    testing::Values(BrokenFatbin{"magic", 0, "x", "fatbin 1 does not start with the fatbin magic number"},
                    BrokenFatbin{"version", 4, "\2", "fatbin 1 is of the unknown version 2"},
                    BrokenFatbin{"short_header", 6, "\4", "fatbin 1 has a header of 4 bytes"},
                    BrokenFatbin{"long_body", 14, "\1", "fatbin 1 states 281474976716672 bytes, more than there are"},
                    BrokenFatbin{"kind", entry, "\4", "entry 1 of fatbin 1 is of the unknown kind 4"},
                    BrokenFatbin{"entry_header", entry + 4, "\10", "entry 1 of fatbin 1 has a header of 8 bytes"},
                    BrokenFatbin{"payload", entry + 11, "\1", "entry 1 of fatbin 1 states 16779944 bytes, more than the fatbin holds"},
                    BrokenFatbin{"arch", entry + 28, "\1", "entry 1 of fatbin 1 states the unknown arch 1"},
                    BrokenFatbin{"other_arch", entry + 28, "\x56", "entry 1 of fatbin 1 says 8.6, but the cubin in it is for 8.0"},
                    BrokenFatbin{"lz4_that_is_none", entry + 41, "\x20",
                                 "entry 1 of fatbin 1 says that it holds a cubin for 8.0, but it holds none that can be read"},
                    BrokenFatbin{"packed_too_long", entry + 16,
                                 std::string("\377\377\0\0", 4) + std::string(20, '\0') + std::string("\x11\x20", 2),
                                 "entry 1 of fatbin 1 states 65535 packed bytes, more than it holds"},
                    BrokenFatbin{"no_cubin", entry + 80, "text",
                                 "entry 1 of fatbin 1 says that it holds a cubin for 8.0, but it holds none that can be read"}),
    [](const auto& row) { return row.param.label; });

TEST(ParseFatbins, FeatureOfTheEntryIsComparedWithTheCubin) {
    std::string section = test::wheel_data("cuda129-raw.fatbin");
    const std::size_t second = entry + 80 + 2728;  // header and cubin of the first entry
    ASSERT_EQ(section[second + 28], 90);
    section[second + 42] = 0;  // flags lose `a`, the cubin's e_flags keep it
    const auto fatbins = parse_fatbins(section);
    ASSERT_FALSE(fatbins);
    EXPECT_EQ(render_diagnostics(fatbins.errors()), "error[SB0414]: entry 2 of fatbin 1 says 9.0, but the cubin in it is for 9.0a\n");
}

}  // namespace
}  // namespace sagebuild
