// The toolchain step over fake pip and uv: what is asked of them, what is kept, and the whole text of each error.
#include "app/toolchain.hpp"

#include <gtest/gtest.h>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {
namespace {

using testing::FakeProcessRunner;
using testing::joined;
using testing::replace_all;
using testing::value_behind;

const std::string digest(64, 'a');

class ToolchainStep : public ::testing::Test {
  protected:
    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }
    std::string hide_directory(std::string text) const { return replace_all(std::move(text), directory.path().string(), "DIR"); }

    /// Plays pip: `download` puts a wheel down, `install` unpacks it.
    void SetUp() override {
        processes.programs = {"python3"};
        processes.answer = [this](const Command& command) -> ProcessResult {
            const std::string words = joined(command);
            if (words == "python3 -m pip --version") return version;
            if (words.starts_with("python3 -m pip download")) {
                if (download.exit_code == 0) write(value_behind(command, "--dest") + "/nvrtc.whl", "wheel");
                return download;
            }
            EXPECT_TRUE(words.starts_with("uv pip install") || words.starts_with("python3 -m pip install")) << words;
            for (const std::string& path : unpacked) write(value_behind(command, "--target") + "/" + path, path);
            return install;
        };
    }

    void write(const std::string& path, const std::string& bytes) { ASSERT_TRUE(files.write(path, bytes).has_value()); }

    /// The diagnostics of the step with the temporary directory hidden, empty if it succeeds.
    std::string run() {
        const Result<> result = run_toolchain_step(recipe, edges);
        return result ? "" : hide_directory(render_diagnostics(result.errors()));
    }

    std::vector<std::string> left_in_cache() {
        const auto names = files.list(path_of("toolchains"));
        return names ? *names : std::vector<std::string>{};
    }

    test::TemporaryDirectory directory;
    RealFileSystem files;
    FakeProcessRunner processes;
    RealEnvironment environment;
    RealClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};
    ToolchainRecipe recipe{.name = "cuda-12.9.1",
                           .host_platform = "linux-x86_64",
                           .wheels = {{"nvidia-cuda-nvrtc-cu12", "12.9.86", digest}, {"nvidia-nvfatbin-cu12", "12.9.82", digest}},
                           .directory = path_of("toolchains/cuda")};
    ProcessResult version, download, install;
    std::vector<std::string> unpacked = {"nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "nvidia/nvfatbin/lib/libnvfatbin.so.12",
                                         "nvidia/cuda_runtime/include/cuda_fp16.h", "nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12"};
};

TEST_F(ToolchainStep, PipFetchesOnceAndOnlyWhatIsNeededStays) {
    std::string requirements;
    const auto play = processes.answer;
    processes.answer = [&](const Command& command) {
        if (const std::string path = value_behind(command, "--requirement"); !path.empty()) requirements = *files.read(path, 10000);
        return play(command);
    };
    EXPECT_EQ(run(), "");
    EXPECT_EQ(requirements,
              "nvidia-cuda-nvrtc-cu12==12.9.86 --hash=sha256:" + digest + "\nnvidia-nvfatbin-cu12==12.9.82 --hash=sha256:" + digest + "\n");
    ASSERT_EQ(processes.commands.size(), 3U);
    EXPECT_EQ(hide_directory(joined(processes.commands[1])),
              "python3 -m pip download --require-hashes --no-deps --only-binary=:all: --dest DIR/toolchains/cuda.tmp/wheels --quiet "
              "--disable-pip-version-check --no-input --requirement DIR/toolchains/cuda.tmp/requirements.txt");
    EXPECT_EQ(hide_directory(joined(processes.commands[2])),
              "python3 -m pip install --no-index --no-deps --no-compile --target DIR/toolchains/cuda.tmp/installed --quiet "
              "--disable-pip-version-check --no-input DIR/toolchains/cuda.tmp/wheels/nvrtc.whl");
    EXPECT_EQ(*files.list_recursive(recipe.directory),
              (std::vector<std::string>{"include/cuda_fp16.h", "lib/libnvfatbin.so", "lib/libnvrtc.so", "toolchain.json"}));
    EXPECT_EQ(left_in_cache(), (std::vector<std::string>{"cuda", "cuda.lock"}));

    EXPECT_EQ(run(), "");
    EXPECT_EQ(processes.commands.size(), 3U) << "a complete toolchain is not fetched again";
}

TEST_F(ToolchainStep, WhatAKilledRunLeftIsReplaced) {
    write(recipe.directory + ".tmp/installed/nvidia/cuda_runtime/include/stale.h", "stale");
    write(recipe.directory + "/lib/libnvrtc.so", "without its mark");
    EXPECT_EQ(run(), "");
    EXPECT_EQ(*files.read(recipe.directory + "/lib/libnvrtc.so", 100), "nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
    EXPECT_FALSE(files.is_file(recipe.directory + "/include/stale.h"));
    EXPECT_EQ(left_in_cache(), (std::vector<std::string>{"cuda", "cuda.lock"}));
}

TEST_F(ToolchainStep, UvServesWherePipIsAbsent) {
    processes.programs = {"python3", "uv"};
    version = {.exit_code = 1, .error_output = "/usr/bin/python3: No module named pip\n"};
    EXPECT_EQ(run(), "");
    ASSERT_EQ(processes.commands.size(), 2U);
    EXPECT_EQ(hide_directory(joined(processes.commands[1])),
              "uv pip install --target DIR/toolchains/cuda.tmp/installed --require-hashes --no-deps --only-binary :all: --no-progress "
              "--requirement DIR/toolchains/cuda.tmp/requirements.txt");
    EXPECT_TRUE(files.is_file(recipe.directory + "/toolchain.json"));
}

TEST_F(ToolchainStep, NeitherPipNorUv) {
    version = {.exit_code = 1, .error_output = "/usr/bin/python3: No module named pip\n"};
    EXPECT_EQ(run(), R"(error[SB0550]: neither `python3 -m pip` nor `uv` is here to fetch the toolchains
caused by: `python3 -m pip`: /usr/bin/python3: No module named pip
caused by: `uv`: no such program on PATH
hint: install one of them: `apt-get install python3-pip`, or uv
)");
    processes.programs = {};
    EXPECT_EQ(run(), R"(error[SB0550]: neither `python3 -m pip` nor `uv` is here to fetch the toolchains
caused by: `python3`: no such program on PATH
caused by: `uv`: no such program on PATH
hint: install one of them: `apt-get install python3-pip`, or uv
)");
}

TEST_F(ToolchainStep, NoNetwork) {
    download = {.exit_code = 1,
                .error_output =
                    "ERROR: Could not find a version that satisfies the requirement nvidia-cuda-nvrtc-cu12==12.9.86\n"
                    "ERROR: No matching distribution found for nvidia-cuda-nvrtc-cu12==12.9.86\n"};
    EXPECT_EQ(run(), R"(error[SB0551]: toolchain `cuda-12.9.1` for linux-x86_64 cannot be fetched
caused by: `python3 -m pip download` ended with exit code 1
note: ERROR: Could not find a version that satisfies the requirement nvidia-cuda-nvrtc-cu12==12.9.86
ERROR: No matching distribution found for nvidia-cuda-nvrtc-cu12==12.9.86
hint: check network, proxy and index with `python3 -m pip download --no-deps nvidia-cuda-nvrtc-cu12==12.9.86`
)");
    EXPECT_EQ(left_in_cache(), std::vector<std::string>{"cuda.lock"});
}

TEST_F(ToolchainStep, AnotherDigest) {
    download = {.exit_code = 1,
                .error_output =
                    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
                    "    nvidia-cuda-nvrtc-cu12==12.9.86:\n        Expected sha256 aa\n             Got        bb\n\n"};
    EXPECT_EQ(run(), R"(error[SB0552]: a wheel of toolchain `cuda-12.9.1` has another sha256 than the pinned one
caused by: `python3 -m pip download` ended with exit code 1
note: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    nvidia-cuda-nvrtc-cu12==12.9.86:
        Expected sha256 aa
             Got        bb
hint: try again; if it stays, compare the index that pip uses (`pip config list`) with matrix/compat/toolchains.yaml
)");
}

TEST_F(ToolchainStep, FullDisk) {
    install = {.exit_code = 1, .error_output = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"};
    EXPECT_EQ(run(), R"(error[SB0553]: toolchain `cuda-12.9.1` cannot be unpacked into `DIR/toolchains/cuda.tmp/installed`
caused by: `python3 -m pip install` ended with exit code 1
note: ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device
)");
    EXPECT_EQ(left_in_cache(), std::vector<std::string>{"cuda.lock"});
}

TEST_F(ToolchainStep, IncompletePins) {
    unpacked.erase(unpacked.begin() + 1);
    EXPECT_EQ(run(), R"(error[SB0554]: the wheels of toolchain `cuda-12.9.1` hold no `lib/libnvfatbin.so`
hint: compare its entry in matrix/compat/toolchains.yaml with what matrix/compat/pin-toolchain prints
)");
    EXPECT_FALSE(files.is_directory(recipe.directory));
}

}  // namespace
}  // namespace sagebuild
