// sagebuild-device with the real NVRTC and libnvfatbin of every toolchain in the cache; no GPU is needed.
#include <gtest/gtest.h>

#include <map>

#include "real/toolchain/toolchains.hpp"
#include "support/temporary_directory.hpp"
#include "text/fatbin.hpp"

namespace sagebuild {
namespace {

using test::bytes_of;
using test::put;

/// `assert` puts the header's path into the image; the library headers are those that kernels use most.
constexpr const char* header = R"(#pragma once
#include <cuda/std/cassert>
#include <cuda/std/cstdint>
__device__ inline void check(int n) { assert(n > 0); }
)";
constexpr const char* source = R"(#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>
#include "neighbour.cuh"
#include <package/check.cuh>
namespace { __device__ int counter; }
extern "C" __global__ void convert(const __half* in, __nv_bfloat16* out, int n) {
    check(n);
    counter = neighbour(n);
    if (threadIdx.x < n) out[threadIdx.x] = __float2bfloat16(__half2float(in[threadIdx.x]));
}
)";

class RealDevice : public ::testing::Test {
  protected:
    void SetUp() override {
        if (toolchains.empty()) GTEST_SKIP() << "no CUDA toolchain in the cache; ./bootstrap fetches them";
        make_project("one");
        make_project("a/second/place");
    }

    std::string path_of(const std::string& name) const { return directory.path().string() + "/" + name; }

    void make_project(const std::string& name) const {
        put(path_of(name + "/units/convert.cu"), source);
        put(path_of(name + "/units/neighbour.cuh"), "__device__ inline int neighbour(int n) { return n + 1; }\n");
        put(path_of(name + "/include/package/check.cuh"), header);
    }

    /// Compiles units/convert.cu of a project; the output is named from the working directory.
    ProcessResult compile(const std::string& toolchain, const std::string& project, const std::string& arch,
                          const std::string& output) const {
        return test::run_program({SAGEBUILD_DEVICE, "compile", "--toolchain", toolchain, "--arch", arch, "--include", "include",
                                  "--option=--std=c++17", "--source", "units/convert.cu", "--output", output},
                                 path_of(project));
    }

    test::TemporaryDirectory directory;
    std::vector<std::string> toolchains = test::cached_toolchains("cuda-");
};

TEST_F(RealDevice, AnImageDoesNotDependOnWhereThingsLie) {
    for (const std::string& toolchain : toolchains) {
        SCOPED_TRACE(toolchain);
        const std::string moved = path_of("moved-toolchain");
        ASSERT_EQ(test::run_program({"ln", "-sT", toolchain, moved}).exit_code, 0);
        for (const std::string arch : {"sm_90a", "compute_80"}) {
            const ProcessResult first = compile(toolchain, "one", arch, "first");
            const ProcessResult second = compile(moved, "a/second/place", arch, "build/second");
            ASSERT_EQ(first.exit_code, 0) << first.error_output;
            ASSERT_EQ(second.exit_code, 0) << second.error_output;
            const std::string image = bytes_of(path_of("one/first"));
            EXPECT_EQ(image, bytes_of(path_of("a/second/place/build/second")));
            EXPECT_EQ(image.find(directory.path().string()), std::string::npos);
            EXPECT_EQ(image.find(toolchain), std::string::npos);
            if (arch == "sm_90a") {
                EXPECT_NE(image.find("include/package/check.cuh"), std::string::npos) << "assert names the header";
            } else {
                EXPECT_EQ(image.find('\0'), std::string::npos) << "ptxas refuses PTX with a NUL";
                EXPECT_NE(image.find(".target sm_80"), std::string::npos);
            }
        }
        ASSERT_EQ(test::run_program({"rm", moved}).exit_code, 0);
    }
}

TEST_F(RealDevice, AnErrorNamesTheRealFileAndLeavesNothing) {
    put(path_of("one/include/package/check.cuh"), "__device__ inline void check(int) { return absent; }\n");
    const ProcessResult result = compile(toolchains.front(), "one", "sm_80", "image");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(result.error_output.starts_with("include/package/check.cuh(1): error: identifier \"absent\" is undefined\n"))
        << result.error_output;
    EXPECT_TRUE(result.error_output.ends_with("sagebuild-device: `units/convert.cu` does not compile for sm_80: NVRTC_ERROR_COMPILATION\n"))
        << result.error_output;
    EXPECT_EQ(test::run_program({"ls", path_of("one")}).output, "include\nunits\n");
}

TEST_F(RealDevice, SystemHeadersAreOutOfReach) {
    put(path_of("one/units/neighbour.cuh"), "#include <stdint.h>\n");
    const ProcessResult result = compile(toolchains.front(), "one", "sm_80", "image");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(result.error_output.starts_with("units/neighbour.cuh(1): catastrophic error: cannot open source file \"stdint.h\"\n"))
        << result.error_output;
}

TEST_F(RealDevice, AFatbinIsPackedForEveryDriverInOneOrder) {
    for (const std::string& toolchain : toolchains) {
        SCOPED_TRACE(toolchain);
        for (const std::string arch : {"sm_80", "sm_90a", "compute_90"}) ASSERT_EQ(compile(toolchain, "one", arch, arch).exit_code, 0);
        const auto pack = [&](const std::vector<std::string>& images, const std::string& output) {
            std::vector<std::string> command = {SAGEBUILD_DEVICE, "fatbin", "--toolchain", toolchain, "--output", output};
            command.insert(command.end(), images.begin(), images.end());
            return test::run_program(command, path_of("one"));
        };
        ASSERT_EQ(pack({"sm_80=sm_80", "sm_90a=sm_90a", "compute_90=compute_90"}, "first").exit_code, 0);
        ASSERT_EQ(pack({"compute_90=compute_90", "sm_90a=sm_90a", "sm_80=sm_80"}, "second").exit_code, 0);
        const std::string packed = bytes_of(path_of("one/first"));
        EXPECT_EQ(packed, bytes_of(path_of("one/second")));
        const Result<std::vector<Fatbin>> fatbins = parse_fatbins(packed);
        ASSERT_TRUE(fatbins.has_value()) << render_diagnostics(fatbins.errors());
        ASSERT_EQ(fatbins->size(), 1U);
        std::string shown;
        for (const FatbinImage& image : fatbins->front()) {
            shown += (image.ptx ? "ptx " : "cubin ") + image.arch.to_string() + "\n";
            EXPECT_EQ(image.compression, ImageCompression::lz4) << "zstd needs a driver of release 550";
        }
        EXPECT_EQ(shown, "cubin 8.0\ncubin 9.0a\nptx 9.0\n");

        EXPECT_EQ(pack({"sm_89=sm_80"}, "third").error_output,
                  "sagebuild-device: `sm_80` is no image for sm_89: fatbinary elf mismatch: elf arch does not match user-specified arch\n");
    }
}

TEST_F(RealDevice, AnAbsentLibraryIsNamed) {
    const ProcessResult result = compile(path_of("one"), "one", "sm_80", "image");
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.error_output,
              "sagebuild-device: toolchain `" + path_of("one") + "` has neither lib64/libnvrtc.so nor lib/libnvrtc.so\n");
    put(path_of("one/lib/libnvrtc.so"), "no library");
    EXPECT_EQ(
        compile(path_of("one"), "one", "sm_80", "image").error_output,
        "sagebuild-device: cannot load `" + path_of("one/lib/libnvrtc.so") + "`: " + path_of("one/lib/libnvrtc.so") + ": file too short\n");
}

}  // namespace
}  // namespace sagebuild
