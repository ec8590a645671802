// The toolchain step with real pip and uv and an index that is a local directory: what the fakes of tests/app/toolchain_test.cpp assume.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "app/toolchain.hpp"
#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "real/toolchain/toolchains.hpp"
#include "support/fake_http_client.hpp"
#include "support/temporary_directory.hpp"
#include "text/sha256.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

using test::put;

/// The machine's programs, with python3 hidden where uv is to be tried.
class SelectedProcesses : public ProcessRunner {
  public:
    explicit SelectedProcesses(std::string uv) : m_uv(std::move(uv)) {}

    Result<ProcessResult> run(const Command& command) override {
        ++commands_run;
        Command selected = command;
        if (command.arguments[0] == "uv") selected.arguments[0] = m_uv;
        return m_real.run(selected);
    }
    Result<ProcessResult> run_lines(const Command& command, const std::function<void(std::string_view)>&) override { return run(command); }
    std::string find_program(const std::string& name) const override {
        if (m_uv.empty()) return m_real.find_program(name);
        return name == "uv" ? m_uv : "";
    }

    int commands_run = 0;

  private:
    RealProcessRunner m_real;
    std::string m_uv;
};

struct Fetcher {
    std::string name;
    std::string uv;  ///< empty: pip
};

class RealFetch : public ::testing::TestWithParam<Fetcher> {
  protected:
    void SetUp() override {
        if (!GetParam().uv.empty() && !files.is_file(GetParam().uv)) GTEST_SKIP() << "no " << GetParam().uv << "; ./check installs it";
        const std::string index = path_of("index");
        for (const char* variable : {"PIP_NO_INDEX", "UV_NO_INDEX", "UV_NO_CACHE"}) setenv(variable, "1", 1);
        for (const char* variable : {"PIP_FIND_LINKS", "UV_FIND_LINKS"}) setenv(variable, index.c_str(), 1);
        recipe = {.name = "cuda-12.9.1",
                  .host_platform = "linux-x86_64",
                  .wheels = {{"nvidia-cuda-nvrtc-cu12", "12.9.86",
                              add_wheel("nvidia_cuda_nvrtc_cu12", "12.9.86",
                                        {{"nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "nvrtc", true}, {"nvidia/__init__.py", ""}})},
                             {"nvidia-nvfatbin-cu12", "12.9.82",
                              add_wheel("nvidia_nvfatbin_cu12", "12.9.82",
                                        {{"nvidia/nvfatbin/lib/libnvfatbin.so.12", "nvfatbin"},
                                         {"nvidia/cuda_runtime/include/cuda_fp16.h", "half"},
                                         {"nvidia/__init__.py", ""}})}},
                  .directory = path_of("toolchains/cuda")};
    }

    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }

    /// Packs a wheel into the index; its digest. `damage` may change the archive's bytes.
    std::string add_wheel(const std::string& name, const std::string& version, std::vector<ZipEntry> entries,
                          const std::function<void(std::string&)>& damage = {}) {
        const std::string info = name + "-" + version + ".dist-info/";
        entries.push_back({info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"});
        entries.push_back({info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n"});
        std::string record = info + "RECORD,,\n";
        for (const ZipEntry& entry : entries) {
            record += entry.path + ",sha256=" + sha256_base64url(entry.bytes) + "," + std::to_string(entry.bytes.size()) + "\n";
        }
        entries.push_back({info + "RECORD", record});
        std::string wheel = write_zip(entries, 315532800).value();
        if (damage) damage(wheel);
        put(path_of("index/" + name + "-" + version + "-py3-none-any.whl"), wheel);
        return sha256_hex(wheel);
    }

    std::string run() {
        const Result<> result = run_toolchain_step(recipe, edges);
        return result ? "" : render_diagnostics(result.errors());
    }

    test::TemporaryDirectory directory;
    RealFileSystem files;
    SelectedProcesses processes{GetParam().uv};
    RealEnvironment environment;
    RealClock clock;
    testing::FakeHttpClient http;
    Edges edges{files, processes, environment, clock, http};
    ToolchainRecipe recipe;
};

TEST_P(RealFetch, PinnedWheelsBecomeAToolchain) {
    ASSERT_EQ(run(), "");
    EXPECT_EQ(*files.list_recursive(recipe.directory),
              (std::vector<std::string>{"include/cuda_fp16.h", "lib/libnvfatbin.so", "lib/libnvrtc.so", "toolchain.json"}));
    EXPECT_EQ(test::bytes_of(recipe.directory + "/lib/libnvrtc.so"), "nvrtc");
    EXPECT_EQ(test::run_program({"test", "-x", recipe.directory + "/lib/libnvrtc.so"}).exit_code, 0) << "file modes are kept";
    EXPECT_EQ(*files.list(path_of("toolchains")), (std::vector<std::string>{"cuda", "cuda.lock"}));
}

TEST_P(RealFetch, AnotherDigestIsRefused) {
    recipe.wheels[1].sha256[0] = recipe.wheels[1].sha256[0] == '0' ? '1' : '0';
    const std::string text = run();
    EXPECT_TRUE(text.starts_with("error[SB0552]: a wheel of toolchain `cuda-12.9.1` has another sha256 than the pinned one\n")) << text;
    EXPECT_NE(text.find(recipe.wheels[1].sha256), std::string::npos) << text;
    EXPECT_FALSE(files.is_directory(recipe.directory));
}

TEST_P(RealFetch, AnAbsentWheelIsNamed) {
    recipe.wheels[0].version = "12.9.99";
    const std::string text = run();
    EXPECT_TRUE(text.starts_with("error[SB0551]: toolchain `cuda-12.9.1` for linux-x86_64 cannot be fetched\n")) << text;
    EXPECT_NE(text.find("nvidia-cuda-nvrtc-cu12==12.9.99"), std::string::npos) << text;
    EXPECT_EQ(*files.list(path_of("toolchains")), std::vector<std::string>{"cuda.lock"});
}

TEST_P(RealFetch, AWheelCannotWriteOutsideItsDirectory) {
    const std::string harmless = "nvidia/aaaaa/x.h";
    const std::string evil = "../../../../ev.h";
    const auto damage = [&](std::string& wheel) {
        for (std::size_t at = wheel.find(harmless); at != std::string::npos; at = wheel.find(harmless, at))
            wheel.replace(at, evil.size(), evil);
    };
    recipe.wheels[1].sha256 = add_wheel("nvidia_nvfatbin_cu12", "12.9.82", {{harmless, "evil"}}, damage);
    EXPECT_NE(run(), "");
    EXPECT_EQ(test::run_program({"find", directory.path().string(), "-name", "ev.h"}).output, "");
    EXPECT_FALSE(files.is_directory(recipe.directory));
}

TEST_P(RealFetch, TwoBuildsAtOnceFetchOnce) {
    SelectedProcesses other{GetParam().uv};
    const Edges other_edges{files, other, environment, clock, http};
    bool other_succeeded = false;
    std::thread second([&] { other_succeeded = run_toolchain_step(recipe, other_edges).has_value(); });
    EXPECT_EQ(run(), "");
    second.join();
    EXPECT_TRUE(other_succeeded);
    EXPECT_EQ(std::min(processes.commands_run, other.commands_run), 0) << "the second one finds it done";
    EXPECT_EQ(*files.list(path_of("toolchains")), (std::vector<std::string>{"cuda", "cuda.lock"}));
}

INSTANTIATE_TEST_SUITE_P(All, RealFetch, ::testing::Values(Fetcher{"pip", ""}, Fetcher{"uv", SAGEBUILD_UV}),
                         [](const ::testing::TestParamInfo<Fetcher>& row) { return row.param.name; });

}  // namespace
}  // namespace sagebuild
