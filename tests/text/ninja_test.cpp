#include "text/ninja.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "support/example_plan.hpp"

namespace sagebuild {
namespace {

/// Two rows of one toolkit, whose images are two archs.
Plan small_plan(const std::string& cache) {
    testing::PlanExample example = testing::make_plan_example();
    std::vector<Target> targets = {example.targets[0], example.targets[1]};
    for (Target& target : targets) {
        target.archs = {Arch{8, 0}};
        for (TargetUnit& unit : target.units) unit.archs = target.archs;
        target.units[1].ptx = {Arch{9, 0}};
    }
    example.settings.cache_directory = cache;
    return example.plan(targets);
}

/// Keys are digests of everything; named by their place in the plan they are readable.
std::string name_keys(std::string text, const Plan& plan) {
    for (std::size_t index = 0; index < plan.steps.size(); ++index) {
        text = std::regex_replace(text, std::regex(plan.steps[index].key), "KEY" + std::to_string(index));
    }
    return text;
}

TEST(Ninja, RendersThePlan) {
    const Plan plan = small_plan("/c");
    const std::string text = name_keys(render_ninja(plan, {"/b", "/bin/sagebuild", "/bin/sagebuild-device"}), plan);
    EXPECT_EQ(text, R"(# Written by sagebuild build; run in the project root.
ninja_required_version = 1.5
builddir = /b

# Downloads share one connection to the package index.
pool downloads
  depth = 2

rule step
  command = $run
  description = $step
  generator = 1

build /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json: step
  run = /bin/sagebuild step toolchain /b/recipes/KEY0.json
  step = toolchain cuda-12.6.3
  pool = downloads

build /c/toolchains/zig-0.15.2-linux-x86_64-KEY1/toolchain.json: step
  run = /bin/sagebuild step toolchain /b/recipes/KEY1.json
  step = toolchain zig-0.15.2
  pool = downloads

build /b/images/KEY2.cubin: step || /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json
  run = /bin/sagebuild-device compile --toolchain /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0 --arch sm_80 --include kernels/sageattention/include --option=--std=c++17 --option=--device-as-default-execution-space --source kernels/sageattention/units/smxx_preparation.cu --output /b/images/KEY2.cubin
  step = image sageattention/smxx_preparation cuda-12.6.3 8.0

build /b/images/KEY3.cubin: step || /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json
  run = /bin/sagebuild-device compile --toolchain /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0 --arch sm_80 --include kernels/sageattention/include --option=--std=c++17 --option=--device-as-default-execution-space --source kernels/sageattention/units/sm80_attention.cu --output /b/images/KEY3.cubin
  step = image sageattention/sm80_attention cuda-12.6.3 8.0

build /b/images/KEY4.ptx: step || /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json
  run = /bin/sagebuild-device compile --toolchain /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0 --arch compute_90 --include kernels/sageattention/include --option=--std=c++17 --option=--device-as-default-execution-space --source kernels/sageattention/units/sm80_attention.cu --output /b/images/KEY4.ptx
  step = image sageattention/sm80_attention cuda-12.6.3 9.0+ptx

build /b/fatbins/KEY5.fatbin: step || /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json /b/images/KEY2.cubin
  run = /bin/sagebuild-device fatbin --toolchain /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0 --output /b/fatbins/KEY5.fatbin sm_80=/b/images/KEY2.cubin
  step = fatbin sageattention/smxx_preparation cuda-12.6.3 8.0

build /b/fatbins/KEY6.fatbin: step || /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json /b/images/KEY3.cubin /b/images/KEY4.ptx
  run = /bin/sagebuild-device fatbin --toolchain /c/toolchains/cuda-12.6.3-linux-x86_64-KEY0 --output /b/fatbins/KEY6.fatbin sm_80=/b/images/KEY3.cubin compute_90=/b/images/KEY4.ptx
  step = fatbin sageattention/sm80_attention cuda-12.6.3 8.0,9.0+ptx

build /b/libraries/KEY7.so: step || /c/toolchains/zig-0.15.2-linux-x86_64-KEY1/toolchain.json /b/fatbins/KEY5.fatbin /b/fatbins/KEY6.fatbin
  run = /bin/sagebuild step host-library /b/recipes/KEY7.json
  step = library sageattention x86_64 cuda-12.6.3 8.0

build /b/wheels/KEY8/sageattention-2.2.0-260.126-cp310-cp310-linux_x86_64.whl: step || /b/libraries/KEY7.so
  run = /bin/sagebuild step wheel /b/recipes/KEY8.json
  step = wheel linux-sage2-pytorch26-cu126-python310

build /b/wheels/KEY9/sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl: step || /b/libraries/KEY7.so
  run = /bin/sagebuild step wheel /b/recipes/KEY9.json
  step = wheel linux-sage2-pytorch26-cu126-python39
)");
}

TEST(Ninja, EscapesPathsForNinjaAndTheShell) {
    const Plan plan = small_plan("/home/o'brien/my $cache: x");
    const std::string text = name_keys(render_ninja(plan, {"/b c", "/bin/sagebuild", "/bin/sagebuild-device"}), plan);
    EXPECT_NE(text.find("build /home/o'brien/my$ $$cache$:$ x/toolchains/cuda-12.6.3-linux-x86_64-KEY0/toolchain.json: step\n"),
              std::string::npos);
    EXPECT_NE(text.find("run = /bin/sagebuild step toolchain '/b c/recipes/KEY0.json'\n"), std::string::npos);
    EXPECT_NE(text.find("--toolchain '/home/o'\\''brien/my $$cache: x/toolchains/cuda-12.6.3-linux-x86_64-KEY0' --arch"),
              std::string::npos);
    EXPECT_NE(text.find("builddir = /b c\n"), std::string::npos);
}

TEST(Ninja, QuotesForTheShell) {
    EXPECT_EQ(render_command({"a", "", "b c", "it's", "$x"}), "a '' 'b c' 'it'\\''s' '$x'");
}

}  // namespace
}  // namespace sagebuild
