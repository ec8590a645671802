#include "core/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/example_plan.hpp"
#include "text/recipe_json.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

using testing::make_plan_example;
using testing::PlanExample;

std::vector<Step> steps_of(const Plan& plan, StepKind kind) {
    std::vector<Step> found;
    std::copy_if(plan.steps.begin(), plan.steps.end(), std::back_inserter(found), [&](const Step& step) { return step.kind == kind; });
    return found;
}

std::set<std::string> new_ids(const Plan& before, const Plan& after) {
    std::set<std::string> keys, changed;
    for (const Step& step : before.steps) keys.insert(step.key);
    for (const Step& step : after.steps) {
        if (!keys.contains(step.key)) changed.insert(step.id);
    }
    return changed;
}

std::size_t count_kind(const std::set<std::string>& ids, const std::string& kind) {
    return static_cast<std::size_t>(
        std::count_if(ids.begin(), ids.end(), [&](const std::string& id) { return id.starts_with(kind + " "); }));
}

TEST(Plan, CompilesEachToolkitUnitAndArchOnceForAllWheels) {
    const PlanExample example = make_plan_example();
    const Plan plan = example.plan(example.targets);
    EXPECT_EQ(steps_of(plan, StepKind::toolchain).size(), 4u);
    EXPECT_EQ(steps_of(plan, StepKind::device_image).size(), 7u + 9u + 10u + 5u + 7u + 8u);
    EXPECT_EQ(steps_of(plan, StepKind::fatbin).size(), 6u);
    EXPECT_EQ(steps_of(plan, StepKind::host_library).size(), 3u);
    EXPECT_EQ(steps_of(plan, StepKind::wheel).size(), 11u);
    std::set<std::string> ids, outputs;
    for (const Step& step : plan.steps) {
        EXPECT_TRUE(ids.insert(step.id).second) << step.id;
        EXPECT_TRUE(outputs.insert(step.output).second) << step.output;
        EXPECT_EQ(step.key, sha256_hex(step.key_text).substr(0, 32));
        for (const std::string& input : step.inputs) EXPECT_TRUE(ids.contains(input)) << step.id << " comes before its input " << input;
    }
    const std::vector<std::string> sharers = {"linux-sage2-pytorch28-cu129-python310", "linux-sage2-pytorch28-cu129-python311",
                                              "linux-sage2-pytorch28-cu129-python312", "linux-sage2-universal-x86_64"};
    EXPECT_EQ(plan.find("image sageattention/sm80_attention cuda-12.9.1 12.1")->targets, sharers);
}

TEST(Plan, OneToolkitServesAllRowsWhenTheNewestMakesTheImages) {
    PlanExample example = make_plan_example();
    const Target universal = example.target("linux-sage2-universal-x86_64");
    for (Target& target : example.targets) {
        target.images_cuda = universal.cuda;
        target.archs = universal.archs;
        target.units = universal.units;
    }
    const Plan plan = example.plan(example.targets);
    EXPECT_EQ(steps_of(plan, StepKind::device_image).size(), 10u + 8u);
    EXPECT_EQ(steps_of(plan, StepKind::host_library).size(), 1u);
    EXPECT_EQ(steps_of(plan, StepKind::wheel).size(), 11u);
}

TEST(Plan, DoesNotDependOnTheOrderOfTargets) {
    PlanExample example = make_plan_example();
    const auto text = [](const Plan& plan) {
        std::string out;
        for (const Step& step : plan.steps) out += step.id + "\n" + step.key_text + render_recipe(step.recipe);
        return out;
    };
    const std::string expected = text(example.plan(example.targets));
    for (int turn = 0; turn < 5; ++turn) {
        std::rotate(example.targets.begin(), example.targets.begin() + 3, example.targets.end());
        std::swap(example.targets[1], example.targets[7]);
        EXPECT_EQ(text(example.plan(example.targets)), expected);
    }
}

struct Edit {
    std::string name;
    std::string file;
    std::string kinds;  ///< how many steps of each kind get a new key: image fatbin library wheel
    std::string unit;   ///< of all new images; empty: any
};

class PlanAfterEdit : public ::testing::TestWithParam<Edit> {};

TEST_P(PlanAfterEdit, RekeysExactlyWhatReadsTheFile) {
    PlanExample example = make_plan_example();
    const Plan before = example.plan(example.targets);
    example.sources["kernels/sageattention/" + GetParam().file] += "\n";
    const std::set<std::string> changed = new_ids(before, example.plan(example.targets));
    std::string kinds;
    for (const char* kind : {"image", "fatbin", "library", "wheel"})
        kinds += (kinds.empty() ? "" : " ") + std::to_string(count_kind(changed, kind));
    EXPECT_EQ(kinds, GetParam().kinds);
    for (const std::string& id : changed) {
        if (id.starts_with("image ")) {
            EXPECT_NE(id.find(GetParam().unit), std::string::npos) << id;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Files, PlanAfterEdit,
                         ::testing::Values(Edit{"header_of_one_unit", "include/softmax.cuh", "20 3 3 11", "sm80_attention"},
                                           Edit{"header_of_all_units", "include/tile.cuh", "46 6 3 11", ""},
                                           Edit{"unit", "units/smxx_preparation.cu", "26 3 3 11", "smxx_preparation"},
                                           Edit{"unused_header", "include/unused.cuh", "0 0 0 0", ""},
                                           Edit{"host_source", "host/launch.c", "0 0 3 11", ""},
                                           Edit{"host_header", "host/images.h", "0 0 3 11", ""},
                                           Edit{"python_file", "python/sageattention/core.py", "0 0 0 11", ""}),
                         [](const auto& row) { return row.param.name; });

TEST(Plan, ATorchOrPythonRowCostsOneWheel) {
    PlanExample example = make_plan_example();
    const Plan before = example.plan(example.targets);
    Target added = example.target("linux-sage2-pytorch28-cu129-python312");
    added.name = "linux-sage2-pytorch28-cu129-python313";
    added.wheel = "sageattention-2.2.0-280.129-cp313-cp313-linux_x86_64.whl";
    example.targets.push_back(added);
    EXPECT_EQ(new_ids(before, example.plan(example.targets)), std::set<std::string>{"wheel linux-sage2-pytorch28-cu129-python313"});
}

TEST(Plan, KeysNameEverythingThatAnImageDependsOn) {
    const PlanExample example = make_plan_example();
    const Plan plan = example.plan({example.targets[0]});
    const Step& image = *plan.find("image sageattention/sm80_attention cuda-12.6.3 8.9");
    const Step& toolchain = *plan.find("toolchain cuda-12.6.3");
    const auto source = [&](const std::string& file) {
        return "source kernels/sageattention/" + file + ": " + sha256_hex(example.sources.at("kernels/sageattention/" + file)) + "\n";
    };
    EXPECT_EQ(image.key_text,
              "step: image\ntoolchain: " + toolchain.key +
                  "\ntool: sagebuild 0.1.0\nunit: sm80_attention\nunit source: kernels/sageattention/units/sm80_attention.cu\n"
                  "arch: 8.9\nformat: cubin\nflags: --std=c++17 --device-as-default-execution-space\n"
                  "include: kernels/sageattention/include\n" +
                  source("include/softmax.cuh") + source("include/tile.cuh") + source("units/sm80_attention.cu"));
    EXPECT_EQ(image.output, "/b/images/" + image.key + ".cubin");
    EXPECT_EQ(toolchain.output, "/c/toolchains/cuda-12.6.3-linux-x86_64-" + toolchain.key + "/toolchain.json");
}

TEST(Plan, PtxImagesAreStepsOfTheirOwn) {
    PlanExample example = make_plan_example();
    example.targets[0].units[1].ptx = {Arch{9, 0}};
    const Plan plan = example.plan({example.targets[0]});
    const Step* image = plan.find("image sageattention/sm80_attention cuda-12.6.3 9.0+ptx");
    ASSERT_NE(image, nullptr);
    EXPECT_TRUE(image->output.ends_with(".ptx"));
    EXPECT_NE(image->key, plan.find("image sageattention/sm80_attention cuda-12.6.3 9.0")->key);
}

TEST(Plan, PendingStepsEndAtOutputsThatExist) {
    const PlanExample example = make_plan_example();
    const Plan plan = example.plan({example.targets[0], example.targets[1]});
    const auto pending_kinds = [&](const std::set<std::string>& present) {
        std::string kinds;
        for (const Step& step : pending_steps(plan, [&](const std::string& path) { return present.contains(path); }).steps) {
            kinds += step_kind_name(step.kind).substr(0, 1);
        }
        return kinds;
    };
    EXPECT_EQ(pending_kinds({}), "ttiiiiiiiiiiiifflww");
    std::set<std::string> present;
    for (const Step& step : plan.steps) {
        if (step.kind == StepKind::host_library) present.insert(step.output);
    }
    EXPECT_EQ(pending_kinds(present), "ww") << "the toolchain may be gone from the cache";
    present.insert(plan.find("wheel " + example.targets[0].name)->output);
    EXPECT_EQ(pending_kinds(present), "w");
    present.insert(plan.find("wheel " + example.targets[1].name)->output);
    EXPECT_EQ(pending_kinds(present), "");
}

struct BadPlan {
    std::string name;
    void (*damage)(PlanExample&);
    std::string text;
};

class PlanErrors : public ::testing::TestWithParam<BadPlan> {};

TEST_P(PlanErrors, SayWhatIsMissing) {
    PlanExample example = make_plan_example();
    GetParam().damage(example);
    const Result<Plan> plan = make_plan(example.targets, example.matrix, example.compat, example.sources, example.settings, sha256_hex);
    ASSERT_FALSE(plan);
    EXPECT_EQ(render_diagnostics(plan.errors()), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PlanErrors,
    ::testing::Values(BadPlan{"package_without_units",
                              [](PlanExample& example) {
                                  example.targets = {example.without_units, example.without_units};
                              },
                              "error[SB0301]: `sageattn3` has no kernel units yet\n"
                              "  --> matrix/sageattn3.yaml:30:5\n"
                              "note: `units:` of matrix/sageattn3.yaml is empty: its targets can be listed and shown, not built\n"
                              "hint: `package=sageattention` selects targets that have kernels\n"},
                      BadPlan{"target_without_images",
                              [](PlanExample& example) {
                                  for (TargetUnit& unit : example.targets[3].units) unit.archs.clear();
                              },
                              "error[SB0301]: no kernel unit of `sageattention` is compiled for `linux-sage2-pytorch26-cu126-python312`\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "hint: `sagebuild matrix show linux-sage2-pytorch26-cu126-python312` tells why each arch is dropped\n"},
                      BadPlan{"release_without_pin",
                              [](PlanExample& example) {
                                  example.compat.cuda_toolchains.erase(Version({12, 8, 1}));
                              },
                              "error[SB0302]: no toolchain is pinned for CUDA 12.8.1\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "nearest: CUDA 12.9.1; CUDA 12.6.3\n"
                              "hint: pin its wheels in matrix/compat/toolchains.yaml, or give the row a pinned release\n"},
                      BadPlan{"platform_without_pin", [](PlanExample& example) { example.settings.host_platform = "linux-riscv64"; },
                              "error[SB0302]: toolchain `cuda-12.6.3` is not pinned for linux-riscv64\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "nearest: linux-x86_64\n"
                              "note: `nvidia-cuda-nvrtc-cu12` 12.6.85 has no sha256 for it in matrix/compat/toolchains.yaml\n"
                              "\n"
                              "error[SB0302]: toolchain `zig-0.15.2` is not pinned for linux-riscv64\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "nearest: linux-x86_64\n"
                              "note: `ziglang` 0.15.2 has no sha256 for it in matrix/compat/toolchains.yaml\n"
                              "\n"
                              "error[SB0302]: toolchain `cuda-12.8.1` is not pinned for linux-riscv64\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "nearest: linux-x86_64\n"
                              "note: `nvidia-cuda-nvrtc-cu12` 12.8.93 has no sha256 for it in matrix/compat/toolchains.yaml\n"
                              "\n"
                              "error[SB0302]: toolchain `cuda-12.9.1` is not pinned for linux-riscv64\n"
                              "  --> matrix/sageattention.yaml:20:5\n"
                              "nearest: linux-x86_64\n"
                              "note: `nvidia-cuda-nvrtc-cu12` 12.9.86 has no sha256 for it in matrix/compat/toolchains.yaml\n"},
                      BadPlan{
                          "sources_missing",
                          [](PlanExample& example) {
                              example.sources.erase("kernels/sageattention/units/sm80_attention.cu");
                              example.sources.erase("kernels/sageattention/bind/torch_binding.c");
                              example.matrix.packages[0].python_dir = "python/other";
                          },
                          "error[SB0303]: source `kernels/sageattention/units/sm80_attention.cu` of unit `sm80_attention` does not exist\n"
                          "  --> matrix/sageattention.yaml:15:32\n"
                          "15 |   - {name: sm80_attention, source: units/sm80_attention.cu}\n"
                          "   |                                ^^^^^^^^^^^^^^^^^^^^^^^\n"
                          "\n"
                          "error[SB0303]: `kernels/sageattention/bind` holds no C source\n"
                          "  --> matrix/sageattention.yaml:10:9\n"
                          "\n"
                          "error[SB0303]: `kernels/sageattention/python/other` holds no Python package\n"
                          "  --> matrix/sageattention.yaml:10:9\n"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace sagebuild
