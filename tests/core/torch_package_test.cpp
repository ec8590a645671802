#include "core/torch_package.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

std::string shown(const std::optional<TorchPackage>& torch) {
    if (!torch) return "nothing";
    return torch->full_version + " " + torch->version->to_string() + (torch->is_prerelease ? " pre" : "") + " cuda " +
           (torch->cuda ? torch->cuda->to_string() : "-") + " rocm " + torch->rocm.value_or("-");
}

struct VersionFileCase {
    const char* name;
    const char* text;
    const char* expected;
};

class VersionFile : public ::testing::TestWithParam<VersionFileCase> {};

TEST_P(VersionFile, IsRead) {
    EXPECT_EQ(shown(parse_torch_version_file(GetParam().text)), GetParam().expected);
}

/// The files of torch 1.13 (no annotations), 2.6 and 2.11 (more names), CPU and ROCm builds, nightlies, and things that are none.
const VersionFileCase version_files[] = {
    {"old", "__version__ = '1.13.1+cu117'\ndebug = False\ncuda = '11.7'\nhip = None\n", "1.13.1+cu117 1.13.1 cuda 11.7 rocm -"},
    {"new",
     "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip', 'rocm', 'xpu']\n"
     "__version__ = '2.11.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\nrocm: Optional[str] = None\n",
     "2.11.0+cu130 2.11.0 cuda 13.0 rocm -"},
    {"cpu", "__version__ = \"2.8.0+cpu\"\r\ncuda: Optional[str] = None\r\n", "2.8.0+cpu 2.8.0 cuda - rocm -"},
    {"rocm", "__version__ = '2.8.0+rocm6.4'\ncuda: Optional[str] = None\nhip: Optional[str] = '6.4.43482'\n",
     "2.8.0+rocm6.4 2.8.0 cuda - rocm 6.4.43482"},
    {"nightly", "__version__ = '2.9.0.dev20250801+cu129'\ncuda = '12.9'\n", "2.9.0.dev20250801+cu129 2.9.0 pre cuda 12.9 rocm -"},
    {"source", "__version__ = '2.9.0a0+git1234567'\ncuda = '12.9'\n", "2.9.0a0+git1234567 2.9.0 pre cuda 12.9 rocm -"},
    {"vendor", "__version__ = '2.8.0a0+34c6371d24.nv25.08'\ncuda = '13.0'\n", "2.8.0a0+34c6371d24.nv25.08 2.8.0 pre cuda 13.0 rocm -"},
    {"no_version", "cuda = '12.9'\n", "nothing"},
    {"computed", "__version__ = get_version()\n", "nothing"},
    {"other_name", "__version__x = '1.0'\n", "nothing"},
    {"not_a_number", "__version__ = 'unknown'\n", "nothing"},
    {"huge_number", "__version__ = '99999999999.0'\n", "nothing"},
    {"empty", "", "nothing"},
    {"open_quote", "__version__ = '2.8.0\n", "nothing"},
};

INSTANTIATE_TEST_SUITE_P(Torch, VersionFile, ::testing::ValuesIn(version_files),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Torch, TheAbiIsSeenInSymbols) {
    EXPECT_EQ(find_cxx11_abi("\0_ZN3c105ErrorC1ENS_14SourceLocationESs\0"), std::nullopt);  // cut at the first zero: not there
    EXPECT_EQ(find_cxx11_abi("x _ZN3c105ErrorC1ENS_14SourceLocationESs x"), false);
    EXPECT_EQ(find_cxx11_abi("_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"), true);
    EXPECT_EQ(find_cxx11_abi(""), std::nullopt);
}

}  // namespace
}  // namespace sagebuild
