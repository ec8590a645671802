// What is rendered for container builds: docker-bake.hcl, what buildx resolves of it, the Dockerfile, device plans, and their record.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "core/arch_coverage.hpp"
#include "support/golden.hpp"
#include "support/matrix_fixture.hpp"
#include "support/seeded_random.hpp"
#include "text/bake_hcl.hpp"
#include "text/bake_json.hpp"
#include "text/device_plan.hpp"
#include "text/dockerfile.hpp"

namespace sagebuild {
namespace {

const char* const matrix_yaml = R"(schema: 1
package: {name: sageattention, version: "2.2.0", module: sageattention, short: sage2, summary: s, license: Apache-2.0}
requires: {python: ">=3.9", torch: ">=2.6", cuda: ">=12.0"}
sources: {root: kernels, include: [include], host: [host], python: python, library: _native.so}
units:
  - {name: all, source: units/all.cu, archs: ["7.0", "8.0", "9.0", "10.0", "12.0", "12.1"]}
  - {name: hopper, source: units/hopper.cu, archs: ["9.0a"]}
arch_lists:
  standard: ["8.0", "9.0"]
  extended: ["7.0", "8.0", "9.0", "12.0", "12.1"]
policies: {uncompilable: POLICY}
rows:
  - {torch: "2.6.0", cuda: "12.6.1", python: ["3.9", "3.12"], archs: extended}
  - {torch: "2.8.0", cuda: "12.9.1", python: ["3.12"], archs: standard}
universal:
  - {cuda: "12.9.1", cpu: x86_64, platforms: [manylinux_2_17], archs: extended}
  - {cuda: "12.9.1", cpu: aarch64, platforms: [manylinux_2_17], archs: extended}
groups:
  default: {select: [linux-sage2-pytorch28-cu129-python312]}
  "pytorch{torch}": {}
)";

class BakeText : public ::testing::Test {
  protected:
    void SetUp() override {
        compat.images.repository = "nvidia/cuda";
        compat.images.tag = "{version}-devel-{system}";
        compat.images.systems["ubuntu24.04"] = {parse_version("2.39").value(), 13, parse_version("3.12").value()};
        compat.torch_index = "https://torch.example/whl/cu{cuda}";
        load("drop");
    }
    void load(const std::string& policy) {
        std::string text = matrix_yaml;
        text.replace(text.find("POLICY"), 6, policy);
        matrix = test::read_matrix({{"sageattention.yaml", text}});
        targets = test::expand(matrix, compat);
        file = make_bake_file(targets, matrix, compat).value();
    }
    const PackageMatrix& package() const { return matrix.packages[0]; }
    std::string argument(const std::string& target, const std::string& name) const {
        return find_bake_argument(file, *file.find(target), name,
                                  [this](const std::string& variable) {
                                      const auto found = environment.find(variable);
                                      return found == environment.end() ? std::nullopt : std::optional(found->second);
                                  })
            .value_or("(unset)");
    }

    Compat compat = test::small_compat();
    Matrix matrix;
    TargetSet targets;
    BakeFile file;
    std::map<std::string, std::string> environment;
};

TEST_F(BakeText, HclAndWhatBuildxResolves) {
    const auto golden = test::golden_directory() / "bake" / "rendered";
    EXPECT_TRUE(test::matches_golden(golden / "docker-bake.hcl", render_bake_hcl(file)));
    const VariableLookup nothing = [](const std::string&) { return std::nullopt; };
    EXPECT_TRUE(test::matches_golden(golden / "test-all.json", render_bake_json(file, {"pytorch26", "default", "test-all"}, nothing)));
    EXPECT_TRUE(test::matches_golden(golden / "12.9.1.plan", render_device_plan(package(), parse_version("12.9.1").value(), {}, compat)));
}

TEST_F(BakeText, AnArchListThatTheEnvironmentReplacesReachesTheTargets) {
    const std::string row26 = "linux-sage2-pytorch26-cu126-python39", row28 = "linux-sage2-pytorch28-cu129-python312";
    EXPECT_EQ(argument(row26, "TORCH_CUDA_ARCH_LIST"), "7.0 8.0 9.0 12.0 12.1");
    EXPECT_EQ(argument(row28, "TORCH_CUDA_ARCH_LIST"), "8.0 9.0");
    environment["TORCH_CUDA_ARCH_LIST"] = "";
    EXPECT_EQ(argument(row28, "TORCH_CUDA_ARCH_LIST"), "8.0 9.0");
    environment["TORCH_CUDA_ARCH_LIST"] = "8.9";
    EXPECT_EQ(argument(row26, "TORCH_CUDA_ARCH_LIST"), "8.9");
    EXPECT_EQ(argument(row28, "TORCH_CUDA_ARCH_LIST"), "8.9");
    environment["TORCH_CUDA_ARCH_LIST_EXTENDED"] = "12.0";
    EXPECT_EQ(argument(row26, "TORCH_CUDA_ARCH_LIST"), "12.0");
    EXPECT_EQ(argument(row28, "TORCH_CUDA_ARCH_LIST"), "8.9");
}

TEST_F(BakeText, EmptyVariablesCountAsUnset) {
    const std::string test = "test-linux-sage2-universal-x86_64";
    environment = {{"DEVICE_COMPILER", ""}, {"CUDA_REPOSITORY", ""}, {"TORCH_INDEX_URL", ""}, {"SYSTEM_IMAGE", ""}};
    EXPECT_EQ(argument(test, "DEVICE_COMPILER"), "nvcc");
    EXPECT_EQ(argument(test, "CUDA_IMAGE"), "nvidia/cuda:12.9.1-devel-ubuntu24.04");
    EXPECT_EQ(argument(test, "TORCH_INDEX_URL"), "https://torch.example/whl/cu129");
    EXPECT_EQ(argument(test, "SYSTEM_IMAGE"), "(unset)");
    environment["CUDA_REPOSITORY"] = "mirror.example/cuda";
    EXPECT_EQ(argument(test, "CUDA_IMAGE"), "mirror.example/cuda:12.9.1-devel-ubuntu24.04");
}

TEST_F(BakeText, TwoListsOfOneNameAreRefused) {
    Matrix two = matrix;
    two.packages.push_back(package());
    two.packages[1].file = "matrix/other.yaml";
    two.packages[1].arch_lists["extended"].pop_back();
    EXPECT_EQ(render_diagnostics(make_bake_file(targets, two, compat).errors()),
              "error[SB0305]: docker-bake.hcl has one variable TORCH_CUDA_ARCH_LIST_EXTENDED for two arch lists\n"
              "note: `extended` of matrix/sageattention.yaml: 7.0 8.0 9.0 12.0 12.1\n"
              "note: `extended` of matrix/other.yaml: 7.0 8.0 9.0 12.0\n"
              "hint: rename one of them\n");
}

TEST_F(BakeText, DockerfilesTakeTheirNamesFromTheTemplate) {
    const Target& example = *targets.find("linux-sage2-pytorch28-cu129-python312");
    const auto text =
        render_dockerfile("# @GENERATED@\nFROM @CUDA_IMAGE@ # a@b.c @ @x@\n@DEVICE_SOURCES@\n", "d/x.in", package(), example, file, compat);
    EXPECT_EQ(text.value(),
              "# Written by `sagebuild bake --emit` from d/x.in; `sagebuild bake --check` compares.\n"
              "FROM nvidia/cuda:12.9.1-devel-ubuntu24.04 # a@b.c @ @x@\n"
              "COPY kernels/include /project/kernels/include\n"
              "COPY kernels/units /project/kernels/units\n");
    const auto wrong = render_dockerfile("FROM x\nRUN @TORCH_VERSON@\n", "d/x.in", package(), example, file, compat);
    EXPECT_EQ(render_diagnostics(wrong.errors()),
              "error[SB0307]: `@TORCH_VERSON@` is no name that a Dockerfile template may hold\n"
              "  --> d/x.in:2:5\n"
              "nearest: TORCH_VERSION\n");
}

/// The images that dockerfiles/compile-device picks from a plan.
std::set<std::string> picked(const std::string& plan, const std::vector<Located<Arch>>& wanted) {
    std::set<std::string> out;
    std::istringstream lines(plan);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key, unit, gpu, name;
        words >> key >> unit >> gpu >> name;
        const bool asked = std::any_of(wanted.begin(), wanted.end(),
                                       [&](const Located<Arch>& arch) { return arch.value.capability().to_string() == gpu; });
        if (key == "image" && asked) out.insert(unit + " " + name);
    }
    return out;
}

/// The device stage knows nothing of the matrix, and still compiles exactly what each arch list comes to.
TEST_F(BakeText, APlanGivesForEveryArchListWhatTheMatrixGives) {
    test::SeededRandom random;
    for (const auto& [release, toolchain] : compat.cuda_toolchains) {
        const std::string plan = render_device_plan(package(), release, {}, compat);
        for (int round = 0; round < 50; ++round) {
            std::vector<Located<Arch>> wanted;
            for (const Arch& arch : test::archs({"7.0", "7.5", "8.0", "8.9", "9.0", "9.0a", "10.0", "12.0", "12.1"})) {
                if (random.chance(50)) wanted.push_back({arch, {}, "", 1});
            }
            std::set<std::string> expected;
            for (const TargetUnit& unit : assign_archs(package(), wanted, *compat.find_cuda(release), compat).units) {
                for (const Arch& arch : unit.archs) expected.insert(unit.name + " sm_" + arch.compiler_name());
            }
            EXPECT_EQ(picked(plan, wanted), expected) << release.to_string();
        }
    }
}

TEST_F(BakeText, APlanHoldsThePtxThatItsTargetsNeed) {
    load("ptx");
    const std::string plan = render_device_plan(package(), parse_version("12.6.1").value(), targets.targets, compat);
    EXPECT_NE(plan.find("image all 12.0 compute_90\nimage all 12.1 compute_90\n"), std::string::npos) << plan;
}

TEST(DeviceRecord, IsReadBack) {
    const auto record = parse_device_record("compiler nvcc 13.0.88\nimage b sm_90a\nimage a compute_90\nimage a sm_90\n", "/device/record");
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->compiler, "nvcc");
    EXPECT_EQ(record->compiler_version, "13.0.88");
    const std::vector<DeviceRecord::Image> images = {
        {"a", Arch{9, 0}, false}, {"a", Arch{9, 0}, true}, {"b", Arch{9, 0, ArchFeature::specific}, false}};
    EXPECT_EQ(record->images, images);
}

TEST(DeviceRecord, OtherLinesAreRefused) {
    for (const char* line :
         {"compiler gcc", "compiler nvcc", "compiler nvcc x", "image a", "image a 90", "image a sm_", "x", "compiler nvrtc"}) {
        const auto record = parse_device_record("compiler nvrtc\n" + std::string(line) + "\n", "/device/record");
        ASSERT_FALSE(record.has_value()) << line;
        EXPECT_EQ(render_diagnostics(record.errors()),
                  "error[SB0306]: `" + std::string(line) +
                      "` is no line of a device record\n"
                      "  --> /device/record:2:1\n"
                      "hint: dockerfiles/compile-device writes it; `sagebuild bake --check` tells whether the files are current\n");
    }
    EXPECT_EQ(render_diagnostics(parse_device_record("compiler nvrtc\n", "/device/record").errors()),
              "error[SB0306]: the device record names no compiler or no image\n"
              "  --> /device/record\n");
}

TEST(ToolchainRequirements, AreInPipsHashCheckingForm) {
    const Toolchain toolchain{"cuda-12.9.1", {{"nvidia-x", "1.2", {{"linux-aarch64", "aa"}, {"linux-x86_64", "bb"}}}}};
    EXPECT_EQ(render_toolchain_requirements(toolchain),
              "# Written by `sagebuild bake --emit`: the wheels of toolchain cuda-12.9.1 in matrix/compat/toolchains.yaml.\n"
              "nvidia-x==1.2 --hash=sha256:aa --hash=sha256:bb\n");
}

}  // namespace
}  // namespace sagebuild
