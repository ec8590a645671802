#include "core/cuda_image.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

Version version(const char* text) {
    return parse_version(text).value();
}

class CudaImages : public ::testing::Test {
  protected:
    void SetUp() override {
        compat.images.tag = "{version}[-cudnn]-devel-{system}";
        compat.images.systems = {{"ubuntu22.04", {version("2.35"), 11, version("3.10")}},
                                 {"ubuntu24.04", {version("2.39"), 13, version("3.12")}},
                                 {"rockylinux8", {version("2.28"), 8, version("3.6")}}};
    }
    void add(const char* release, ImageStatus status, std::vector<std::string> systems = {"ubuntu22.04", "ubuntu24.04"}) {
        compat.images.releases[version(release)] = {status, std::move(systems), {}};
    }
    std::string tag(const char* release) const { return choose_cuda_image(version(release), compat).tag; }
    std::string note(const char* release) const { return choose_cuda_image(version(release), compat).note; }

    Compat compat;
};

TEST_F(CudaImages, APublishedReleaseHasItsOwnTag) {
    add("12.9.1", ImageStatus::supported);
    add("12.9.2", ImageStatus::newest);
    EXPECT_EQ(tag("12.9.1"), "12.9.1-devel-ubuntu24.04");
    EXPECT_EQ(note("12.9.1"), "");
}

TEST_F(CudaImages, ASupersededReleaseTakesTheNewestPatchOfItsMinor) {
    add("12.6.1", ImageStatus::superseded);
    add("12.6.2", ImageStatus::supported);
    add("12.6.3", ImageStatus::supported);
    add("12.6.4", ImageStatus::unseen);
    add("12.8.2", ImageStatus::newest);
    EXPECT_EQ(tag("12.6.1"), "12.6.3-devel-ubuntu24.04");
    EXPECT_EQ(note("12.6.1"), "the newest published patch of 12.6: the tag of 12.6.1 is superseded or not published");
    EXPECT_EQ(tag("12.6.0"), "12.6.3-devel-ubuntu24.04");
}

TEST_F(CudaImages, TheSystemIsTheNewestThatTheToolkitAccepts) {
    add("12.4.1", ImageStatus::supported, {"ubuntu22.04", "rockylinux8", "unheard-of"});
    EXPECT_EQ(tag("12.4.1"), "12.4.1-devel-ubuntu22.04");
    add("12.5.1", ImageStatus::supported);
    compat.cuda[version("12.5")] = {.version = version("12.5"), .targets = {}, .gcc_max = 12};
    EXPECT_EQ(tag("12.5.1"), "12.5.1-devel-ubuntu22.04");
}

TEST_F(CudaImages, AReleaseWithoutAnyImageKeepsItsNumber) {
    EXPECT_EQ(tag("12.7.0"), "12.7.0-devel-ubuntu24.04");
    EXPECT_EQ(note("12.7.0"), "no published image of 12.7.0 is known");
}

}  // namespace
}  // namespace sagebuild
