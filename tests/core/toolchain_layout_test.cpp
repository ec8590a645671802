#include "core/toolchain_layout.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

struct Row {
    std::string name;
    std::string wheel_path;
    std::string toolchain_path;  ///< empty: left out
};

class ToolchainLayout : public testing::TestWithParam<Row> {};

TEST_P(ToolchainLayout, KeepsWhatBuildsNeedInOneShape) {
    EXPECT_EQ(toolchain_path(GetParam().wheel_path).value_or(""), GetParam().toolchain_path);
}

INSTANTIATE_TEST_SUITE_P(
    All, ToolchainLayout,
    testing::Values(Row{"nvrtc_12", "nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "lib/libnvrtc.so"},
                    Row{"nvrtc_13", "nvidia/cu13/lib/libnvrtc.so.13", "lib/libnvrtc.so"},
                    Row{"builtins_keep_their_name", "nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9", "lib/libnvrtc-builtins.so.12.9"},
                    Row{"second_nvrtc", "nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12", ""},
                    Row{"second_builtins", "nvidia/cuda_nvrtc/lib/libnvrtc-builtins.alt.so.12.9", ""},
                    Row{"static_nvrtc", "nvidia/cuda_nvrtc/lib/libnvrtc_static.a", ""},
                    Row{"nvfatbin", "nvidia/nvfatbin/lib/libnvfatbin.so.12", "lib/libnvfatbin.so"},
                    Row{"cudart", "nvidia/cuda_runtime/lib/libcudart.so.12", ""},
                    Row{"runtime_header", "nvidia/cuda_runtime/include/cuda_fp16.h", "include/cuda_fp16.h"},
                    Row{"crt_header", "nvidia/cuda_nvcc/include/crt/mma.h", "include/crt/mma.h"},
                    Row{"cccl_12", "nvidia/cuda_cccl/include/cuda/std/cstdint", "include/cuda/std/cstdint"},
                    Row{"cccl_13", "nvidia/cu13/include/cccl/cuda/std/cstdint", "include/cccl/cuda/std/cstdint"},
                    Row{"python_mark", "nvidia/cuda_runtime/include/__init__.py", ""}, Row{"ptxas", "nvidia/cuda_nvcc/bin/ptxas", ""},
                    Row{"libnvvm", "nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so", ""}, Row{"nvidia_file", "nvidia/__init__.py", ""},
                    Row{"zig", "ziglang/zig", "zig/zig"}, Row{"zig_library", "ziglang/lib/std/std.zig", "zig/lib/std/std.zig"},
                    Row{"zig_python", "ziglang/__main__.py", ""}, Row{"metadata", "ziglang-0.15.2.dist-info/METADATA", ""}),
    [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

}  // namespace
}  // namespace sagebuild
