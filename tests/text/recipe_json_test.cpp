#include "text/recipe_json.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

Target example_target() {
    Target target;
    target.name = "linux-sage2-pytorch28-cu129-python312";
    target.package = "sageattention";
    target.package_version = Version({2, 2, 0});
    target.python = Version({3, 12});
    target.torch = Version({2, 8, 0});
    target.cuda = target.images_cuda = Version({12, 9, 1});
    target.requires_python = ">=3.9";
    target.requires_torch = "==2.8.*";
    target.platforms = {"linux"};
    target.archs = {Arch{8, 0}, Arch{9, 0, ArchFeature::specific}};
    target.covered = {{Arch{8, 7}, Arch{8, 0}, "runs on the 8.0 image"}};
    target.dropped = {{Arch{12, 1}, "CUDA 12.8 ends at 12.0"}};
    target.units = {{"sm80_attention", "kernels/sageattention/units/sm80_attention.cu", {Arch{8, 0}}, {Arch{9, 0}}}};
    target.wheel = "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";
    return target;
}

class RecipeRoundTrip : public ::testing::TestWithParam<Recipe> {};

TEST_P(RecipeRoundTrip, ParsesBack) {
    const std::string text = render_recipe(GetParam());
    const Result<Recipe> parsed = parse_recipe(text);
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(parsed->index(), GetParam().index());
    EXPECT_EQ(render_recipe(*parsed), text);
}

INSTANTIATE_TEST_SUITE_P(
    Steps, RecipeRoundTrip,
    ::testing::Values(
        Recipe{ToolchainRecipe{"cuda-12.9.1", "linux-x86_64", {{"nvidia-cuda-nvrtc-cu12", "12.9.86", "ab12"}}, "/cache/toolchains/x"}},
        Recipe{DeviceImageRecipe{
            "/cache/t", "u", "k/u.cu", {"k/include"}, Arch{12, 0, ArchFeature::family}, true, {"--std=c++17"}, "/b/i.ptx"}},
        Recipe{FatbinRecipe{"/cache/t", "u", {{Arch{8, 0}, false, "/b/i.cubin"}, {Arch{9, 0}, true, "/b/i.ptx"}}, "/b/f.fatbin"}},
        Recipe{HostLibraryRecipe{"p",
                                 "/cache/z",
                                 "/cache/zig",
                                 "x86_64",
                                 {"k/h.c"},
                                 {"k/host"},
                                 {"-O2"},
                                 {{"u", {Arch{8, 0}}, "/b/f.fatbin"}},
                                 "_native.so",
                                 "/b/l.so"}},
        Recipe{WheelRecipe{.target = example_target(),
                           .module = "m",
                           .summary = "s",
                           .license = "Apache-2.0",
                           .files = {{"k/python/m/__init__.py", "m/__init__.py"}},
                           .license_file = "LICENSE",
                           .readme = "k/README.md",
                           .library = "/b/l.so",
                           .library_path = "m/_native.so",
                           .cuda_toolchain = "cuda-12.9.1",
                           .toolkit_wheels = {{"nvidia-cuda-nvrtc-cu12", "12.9.86", "ab12"}},
                           .host_toolchain = "zig-0.15.2",
                           .device_flags = {"--std=c++17"},
                           .source_digest = "00",
                           .generator = "sagebuild 0.1.0",
                           .output = "/b/w.whl"}}));

TEST(RecipeJson, ErrorsNameTheMember) {
    const Result<Recipe> missing = parse_recipe(R"({"step": "toolchain", "name": "x"})");
    ASSERT_FALSE(missing);
    EXPECT_EQ(render_diagnostics(missing.errors()),
              "error[SB0505]: the recipe of a build step cannot be read\n"
              "caused by: [json.exception.out_of_range.403] key 'host_platform' not found\n");
    EXPECT_EQ(render_diagnostics(parse_recipe(R"({"step": "dance"})").errors()),
              "error[SB0505]: the recipe of a build step cannot be read\ncaused by: no step is called `dance`\n");
}

}  // namespace
}  // namespace sagebuild
