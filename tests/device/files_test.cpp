#include "device/files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "device/compile_directory.hpp"
#include "device/failure.hpp"
#include "device/toolchain_directory.hpp"

namespace sagebuild::device {
namespace {

namespace fs = std::filesystem;

class DeviceFiles : public testing::Test {
  protected:
    void SetUp() override {
        m_before = fs::current_path();
        std::string pattern = (fs::temp_directory_path() / "sagebuild-device-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        m_directory = pattern;
        fs::current_path(m_directory);
    }
    void TearDown() override {
        fs::current_path(m_before);
        fs::remove_all(m_directory);
    }

    fs::path m_directory;

  private:
    fs::path m_before;
};

/// The text of the failure that a call ends in.
template <typename Call>
std::string failure_of(const Call& call) {
    try {
        call();
    } catch (const Failure& failure) {
        return failure.what();
    }
    return "";
}

TEST_F(DeviceFiles, AWrittenFileIsReadBackAndNothingElseIsLeft) {
    const std::string bytes("\0image\n", 7);
    write_file("deep/er/k.cubin", "old");
    write_file("deep/er/k.cubin", bytes);
    EXPECT_EQ(read_file("deep/er/k.cubin"), bytes);
    EXPECT_EQ(std::distance(fs::directory_iterator("deep/er"), {}), 1);
}

TEST_F(DeviceFiles, FailuresNameTheFileAndTheReason) {
    write_file("file", "x");
    EXPECT_EQ(failure_of([] { (void)read_file("absent"); }), "cannot read `absent`: No such file or directory");
    EXPECT_EQ(failure_of([] { (void)read_file("."); }), "cannot read `.`: Is a directory");
    EXPECT_EQ(failure_of([] { write_file("file/below", "x"); }), "cannot write `file/below`: Not a directory");
}

TEST_F(DeviceFiles, RelativePathsKeepTheirNamesAndOthersAreRestoredInMessages) {
    write_file("project/include/a.cuh", "a");
    write_file("project/units/k.cu", "k");
    write_file("elsewhere/b.cuh", "b");
    const std::string elsewhere = (m_directory / "elsewhere").string();
    fs::current_path("project");
    {
        CompileDirectory directory("../build/k.compile");
        EXPECT_EQ(directory.link_file("units/k.cu"), "units/k.cu");
        EXPECT_EQ(directory.link_directory("include"), "include");
        EXPECT_EQ(directory.link_directory(elsewhere), "include-0");
        EXPECT_EQ(directory.link_directory("../elsewhere"), "include-1");
        EXPECT_EQ(read_file("units/k.cu") + read_file("include/a.cuh") + read_file("include-0/b.cuh") + read_file("include-1/b.cuh"),
                  "kabb");
        EXPECT_EQ(directory.restore_paths("include-0/b.cuh(1): error: x\n  include-1/b.cuh, not my-include-0/b.cuh\n"),
                  elsewhere + "/b.cuh(1): error: x\n  ../elsewhere/b.cuh, not my-include-0/b.cuh\n");
    }
    EXPECT_EQ(fs::current_path(), fs::canonical(m_directory / "project"));
    EXPECT_FALSE(fs::exists(m_directory / "build/k.compile"));
}

TEST_F(DeviceFiles, AToolchainIsShapedLikeAnInstalledCuda) {
    write_file("cuda/lib/libnvrtc.so", "");
    write_file("cuda/include/cuda_fp16.h", "");
    write_file("cuda/include/cccl/cuda/std/cstdint", "");
    EXPECT_EQ(find_toolchain_library("cuda", "libnvrtc.so"), m_directory / "cuda/lib/libnvrtc.so");
    write_file("cuda/lib64/libnvrtc.so", "");
    EXPECT_EQ(find_toolchain_library("cuda", "libnvrtc.so"), m_directory / "cuda/lib64/libnvrtc.so");
    EXPECT_EQ(toolchain_includes("cuda"), (std::vector<std::string>{m_directory / "cuda/include", m_directory / "cuda/include/cccl"}));
    EXPECT_EQ(failure_of([] { (void)find_toolchain_library("cuda", "libnvfatbin.so"); }),
              "toolchain `cuda` has neither lib64/libnvfatbin.so nor lib/libnvfatbin.so");
    EXPECT_EQ(failure_of([] { (void)toolchain_includes("cuda/lib"); }), "toolchain `cuda/lib` has no directory include/");
}

}  // namespace
}  // namespace sagebuild::device
