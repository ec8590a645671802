#include "text/images_source.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

const std::vector<EmbeddedImages> images = {{"sm70_attention", "7.0 7.5", "/build/a.fatbin", "aa"},
                                            {"sm80_attention", "8.0 9.0a", "/a \"b\"\\c.fatbin", "bb"}};

TEST(ImagesSource, TheTableNamesUnitArchsAndFatbin) {
    EXPECT_EQ(render_images_table(images), R"(#include "images.h"

extern const unsigned char sagebuild_fatbin_0[] __attribute__((visibility("hidden")));
extern const unsigned char sagebuild_fatbin_1[] __attribute__((visibility("hidden")));

const struct sagebuild_image sagebuild_images[] = {
    {"sm70_attention", "7.0 7.5", sagebuild_fatbin_0},
    {"sm80_attention", "8.0 9.0a", sagebuild_fatbin_1},
};
const int sagebuild_image_count = 2;
)");
}

TEST(ImagesSource, TheFatbinsLieAlignedAndHiddenInTheirSection) {
    EXPECT_EQ(render_images_assembly(images), R"(    .section .nv_fatbin,"a",%progbits
    /* sha256 aa */
    .balign 64
    .globl sagebuild_fatbin_0
    .hidden sagebuild_fatbin_0
sagebuild_fatbin_0:
    .incbin "/build/a.fatbin"
    /* sha256 bb */
    .balign 64
    .globl sagebuild_fatbin_1
    .hidden sagebuild_fatbin_1
sagebuild_fatbin_1:
    .incbin "/a \"b\"\\c.fatbin"
    .section .note.GNU-stack,"",%progbits
)");
}

}  // namespace
}  // namespace sagebuild
