// What the later stages of a container build refuse, over the project's own matrix and sources. The steps that succeed run in the lane
// real-docker.
#include "app/container_steps.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {
namespace {

const char* const row = "linux-sage2-pytorch28-cu129-python312";

class ContainerSteps : public ::testing::Test {
  protected:
    // Steps run in the project's directory and read its files by their paths in it.
    void SetUp() override {
        std::filesystem::current_path(SAGEBUILD_SOURCE_DIR);
        loaded = load_matrix(edges, "matrix").value();
    }
    void TearDown() override { std::filesystem::current_path(started_in); }
    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }

    /// The record of a device stage that compiled what a target with these archs is made of, and what `more` adds.
    void record(const std::string& arch, const std::string& more = "") {
        std::string text = "compiler nvrtc\n";
        for (const PackageMatrix& package : loaded.matrix.packages) {
            for (const KernelUnit& unit : package.units) {
                for (const Located<Arch>& written : unit.archs) {
                    if (written.value.capability().to_string() == arch)
                        text += "image " + unit.name.value + " sm_" + written.value.compiler_name() + "\n";
                }
            }
        }
        ASSERT_TRUE(files.write(path_of("record"), text + more).has_value());
    }
    std::string pack(const ContainerWheel& wheel) {
        const auto done = build_container_wheel(step, wheel, loaded, edges);
        return done ? "" : testing::replace_all(render_diagnostics(done.errors()), directory.path().string(), "DIR");
    }
    ContainerWheel wheel() const { return {row, "3.12", "2.8.0", path_of("native.so"), path_of("dist")}; }

    const std::filesystem::path started_in = std::filesystem::current_path();
    test::TemporaryDirectory directory;
    RealFileSystem files;
    testing::FakeProcessRunner processes;
    RealEnvironment environment;
    RealClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};
    LoadedMatrix loaded;
    ContainerStep step{"12.9.1", "8.9", path_of(""), "0.1.0"};
};

TEST_F(ContainerSteps, ArgumentsOfAnotherRowAreRefused) {
    const std::string hint = "hint: a row of the matrix makes another target: see README, \"The matrix\"\n";
    ContainerWheel other = wheel();
    other.python = "3.13";
    EXPECT_EQ(pack(other),
              "error[SB0309]: the build argument PYTHON_VERSION is `3.13`, but `" + std::string(row) + "` is for 3.12\n" + hint);
    other = wheel();
    other.torch = "2.9.0";
    EXPECT_EQ(pack(other),
              "error[SB0309]: the build argument TORCH_VERSION is `2.9.0`, but `" + std::string(row) + "` is for 2.8.0\n" + hint);
    other = wheel();
    other.target = "linux-sage2-pytorch28-cu129-python313";
    EXPECT_NE(
        pack(other).find("error[SB0309]: `linux-sage2-pytorch28-cu129-python313` is not a target\nnearest: linux-sage2-pytorch28-cu129-"),
        std::string::npos);
    step.cuda = "12.8.1";
    EXPECT_EQ(pack(wheel()),
              "error[SB0309]: the build argument CUDA_VERSION is `12.8.1`, but `" + std::string(row) + "` is for 12.9.1\n" + hint);
    const auto library = build_container_library(step, "sageattention", "riscv64", path_of("native.so"), loaded, edges);
    EXPECT_EQ(render_diagnostics(library.errors()),
              "error[SB0309]: no target of `sageattention` for riscv64 has images of CUDA 12.8.1\n"
              "hint: CUDA_VERSION is the toolkit of the target's row: `sagebuild matrix list`\n");
}

TEST_F(ContainerSteps, AnArchListThatIsNoneIsRefused) {
    step.archs = "8.9;Ada";
    EXPECT_EQ(pack(wheel()),
              "error[SB0309]: `Ada` of TORCH_CUDA_ARCH_LIST is not an arch\n"
              "hint: write 8.9, or several separated by spaces: \"8.9 12.0\"\n");
}

TEST_F(ContainerSteps, ImagesOfAnotherListAreRefused) {
    record("8.9", "image sm80_attention sm_120\n");
    EXPECT_EQ(pack(wheel()), "error[SB0309]: the device stage did not compile what `" + std::string(row) +
                                 "` is made of\n"
                                 "note: not wanted: sm80_attention 12.0\n"
                                 "hint: `sagebuild bake --check` tells whether the files of dockerfiles/device/ are current\n");
    step.archs = "8.9,12.0";
    EXPECT_NE(pack(wheel()).find("note: missing: "), std::string::npos) << pack(wheel());
}

/// With the images that the list comes to, only the library is missing here.
TEST_F(ContainerSteps, TheListOfTheArgumentReplacesThatOfTheRow) {
    record("8.9");
    const std::string said = pack(wheel());
    EXPECT_TRUE(said.starts_with("error[SB0501]: cannot read `DIR/native.so`")) << said;
}

}  // namespace
}  // namespace sagebuild
