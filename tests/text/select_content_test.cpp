#include <gtest/gtest.h>

#include "core/wheel_selection.hpp"
#include "text/compat_yaml.hpp"

namespace sagebuild {
namespace {

// What only an opened wheel shows: PTX without machine code, and the lowest torch of a wheel for any torch.

WheelEnvironment hopper(const char* driver) {
    WheelEnvironment environment;
    environment.python = parse_version("3.12");
    environment.torch = parse_version("2.8.0");
    environment.torch_cuda = parse_version("12.9");
    environment.driver = parse_driver_version(driver);
    environment.os = "linux";
    environment.arch = "x86_64";
    environment.glibc = parse_version("2.39");
    environment.sm = std::vector<Arch>{{9, 0}};
    return environment;
}

JudgedWheel judge(CandidateContent content, const WheelEnvironment& environment) {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    WheelCandidate candidate;
    candidate.name = "sageattention-2.2.0-py3-none-manylinux2014_x86_64.whl";
    content.any_torch = true;
    content.toolkit = parse_version("12.9.1");
    candidate.content = std::move(content);
    const WheelSelection selection = select_wheels({candidate}, environment, "sageattention", compat);
    return selection.acceptable.empty() ? selection.rejected.at(0) : selection.acceptable.at(0);
}

CandidateContent only_ptx(const Arch& arch) {
    CandidateContent content;
    content.images = std::vector<CandidateImage>{{arch, true, false}};
    return content;
}

TEST(SelectContent, PtxAloneNeedsADriverAsNewAsItsToolkit) {
    const JudgedWheel old = judge(only_ptx({9, 0}), hopper("570.124.06"));
    ASSERT_EQ(old.misfits.size(), 1U);
    EXPECT_EQ(old.misfits[0].category, MisfitCategory::cuda_major);
    EXPECT_EQ(old.misfits[0].text, "runs here by its PTX of CUDA 12.9, which needs driver 575.51.03, here is 570.124.06");
    const JudgedWheel fresh = judge(only_ptx({9, 0}), hopper("575.57.08"));
    EXPECT_TRUE(fresh.fits());
    EXPECT_EQ(fresh.rank.image_class, 2);
}

TEST(SelectContent, PtxOfALaterArchServesNobodyHere) {
    const JudgedWheel later = judge(only_ptx({10, 0}), hopper("575.57.08"));
    ASSERT_EQ(later.misfits.size(), 1U);
    EXPECT_EQ(later.misfits[0].text, "holds images for PTX of 10.0, none runs on 9.0");
}

TEST(SelectContent, PtxOfOneChipRunsOnThatChip) {
    EXPECT_TRUE(judge(only_ptx({9, 0, ArchFeature::specific}), hopper("575.57.08")).fits());
    WheelEnvironment later = hopper("575.57.08");
    later.sm = std::vector<Arch>{{10, 0}};
    EXPECT_FALSE(judge(only_ptx({9, 0, ArchFeature::specific}), later).fits());
}

TEST(SelectContent, AWheelForAnyTorchHasALowestOne) {
    CandidateContent content;
    content.images = std::vector<CandidateImage>{{{9, 0}}};
    content.minimum_torch = parse_version("2.6");
    WheelEnvironment environment = hopper("575.57.08");
    EXPECT_TRUE(judge(content, environment).fits());
    environment.torch = parse_version("2.5.1");
    const JudgedWheel old = judge(content, environment);
    ASSERT_EQ(old.misfits.size(), 1U);
    EXPECT_EQ(old.misfits[0].category, MisfitCategory::torch_minor);
    EXPECT_EQ(old.misfits[0].text, "needs torch 2.6 or later, here is 2.5.1");
    environment.torch.reset();
    const JudgedWheel unknown = judge(content, environment);
    ASSERT_EQ(unknown.open.size(), 1U);
    EXPECT_EQ(unknown.open[0].text, "needs torch 2.6 or later; torch here is not known");
}

}  // namespace
}  // namespace sagebuild
