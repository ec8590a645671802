#include "core/wheel_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace sagebuild {
namespace {

using testing::ElementsAre;

Target row(const std::string& package, const std::string& version, const std::string& torch, const std::string& cuda,
           const std::string& python) {
    Target target;
    target.package = package;
    target.package_version = *parse_version(version);
    target.torch = parse_version(torch);
    target.cuda = *parse_version(cuda);
    target.python = parse_version(python);
    target.platforms = {"linux"};
    return target;
}

TEST(MakeWheelName, NamesRowsByTorchCudaAndPython) {
    EXPECT_EQ(render_wheel_name(make_wheel_name(row("sageattention", "2.2.0", "2.6.0", "12.6.1", "3.9"))),
              "sageattention-2.2.0-260.126-cp39-cp39-linux_x86_64.whl");
    EXPECT_EQ(render_wheel_name(make_wheel_name(row("sageattention", "2.2.0", "2.8.0", "12.9.1", "3.12"))),
              "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl");
    EXPECT_EQ(render_wheel_name(make_wheel_name(row("sageattn3", "1.0.0", "2.8.0", "12.8.1", "3.10"))),
              "sageattn3-1.0.0-280.128-cp310-cp310-linux_x86_64.whl");
}

TEST(MakeWheelName, NamesTheUniversalWheelByItsPlatformsInTheirOrder) {
    Target target;
    target.kind = TargetKind::universal;
    target.package = "sageattention";
    target.package_version = *parse_version("2.2.0");
    target.cuda = *parse_version("12.9.1");
    target.platforms = {"manylinux_2_17", "manylinux2014"};
    EXPECT_EQ(render_wheel_name(make_wheel_name(target)), "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
    target.cpu = "aarch64";
    EXPECT_EQ(render_wheel_name(make_wheel_name(target)), "sageattention-2.2.0-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.whl");
}

TEST(MakeWheelName, WritesADistributionNameInItsEscapedForm) {
    EXPECT_EQ(make_wheel_name(row("Sage-Attn.Kernels", "1.0.0", "2.8.0", "12.8.1", "3.10")).distribution, "sage_attn_kernels");
}

TEST(MakeBuildTag, AlwaysWritesThreePartsOfTorchAndTwoOfCuda) {
    EXPECT_EQ(make_build_tag(*parse_version("2.1"), *parse_version("12.9.1")), "210.129");
    EXPECT_EQ(make_build_tag(*parse_version("2.10"), *parse_version("13.0.2")), "2100.130");
    EXPECT_EQ(make_build_tag(*parse_version("2.8.1"), *parse_version("12")), "281.120");
}

TEST(ParseWheelName, SplitsAllParts) {
    const auto name = parse_wheel_name("sageattention-2.2.0-280.129-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->distribution, "sageattention");
    EXPECT_EQ(name->version, "2.2.0");
    EXPECT_EQ(name->build, "280.129");
    EXPECT_THAT(name->tags(), ElementsAre("cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux2014_x86_64"));
}

TEST(ParseWheelName, KeepsCaseAndComparesTagsInSmallLetters) {
    const auto name = parse_wheel_name("Flash_Attn-2.8.3+cu12torch2.8cxx11abiTRUE-CP39-abi3-Linux_X86_64.whl");
    ASSERT_TRUE(name);
    EXPECT_EQ(render_wheel_name(*name), "Flash_Attn-2.8.3+cu12torch2.8cxx11abiTRUE-CP39-abi3-Linux_X86_64.whl");
    EXPECT_THAT(name->tags(), ElementsAre("cp39-abi3-linux_x86_64"));
}

struct RefusedName {
    std::string label;
    std::string name;
    std::string text;
};

class RefusedNameTest : public testing::TestWithParam<RefusedName> {};

TEST_P(RefusedNameTest, IsExplained) {
    const auto name = parse_wheel_name(GetParam().name);
    ASSERT_FALSE(name);
    EXPECT_EQ(render_diagnostics(name.errors()), GetParam().text);
}

const std::string part_rule = " between `-`; a wheel has 5, or 6 with a build tag: distribution, version, build, python, abi, platform\n";

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedNameTest,
    testing::Values(
        RefusedName{"letters_in_build", "sageattention-2.2.0-torch280.cu129-cp312-cp312-linux_x86_64.whl",
                    "error[SB0401]: `sageattention-2.2.0-torch280.cu129-cp312-cp312-linux_x86_64.whl` is not a wheel file name\n"
                    "note: build tag `torch280.cu129` does not start with a digit\n"
                    "hint: write it as a local version, `2.2.0+torch280.cu129`, or put a number in front of it\n"},
        RefusedName{"extension", "sageattention-2.2.0.tar.gz",
                    "error[SB0401]: `sageattention-2.2.0.tar.gz` is not a wheel file name\nnote: it does not end in `.whl`\n"},
        RefusedName{"capital_extension", "a-1-py3-none-any.WHL",
                    "error[SB0401]: `a-1-py3-none-any.WHL` is not a wheel file name\nnote: it does not end in `.whl`\n"
                    "hint: the ending is written in small letters\n"},
        RefusedName{"one_part", "sageattention.whl",
                    "error[SB0401]: `sageattention.whl` is not a wheel file name\nnote: it has 1 part" + part_rule},
        RefusedName{"seven_parts", "sage-attention-2.2.0-1-py3-none-any.whl",
                    "error[SB0401]: `sage-attention-2.2.0-1-py3-none-any.whl` is not a wheel file name\nnote: it has 7 parts" + part_rule +
                        "hint: a `-` inside a part is written `_`\n"},
        RefusedName{"empty_part", "a--py3-none-any.whl",
                    "error[SB0401]: `a--py3-none-any.whl` is not a wheel file name\nnote: it has an empty part between `-`\n"},
        RefusedName{"path", "dist/a-1-py3-none-any.whl",
                    "error[SB0401]: `dist/a-1-py3-none-any.whl` is not a wheel file name\nnote: it holds a path separator\n"},
        RefusedName{"url_encoded", "a-1%2Bcu129-py3-none-any.whl",
                    "error[SB0401]: `a-1%2Bcu129-py3-none-any.whl` is not a wheel file name\nnote: it holds `%`, which no part of a wheel "
                    "name has\n"
                    "hint: decode the URL first: `%2B` is `+`\n"},
        RefusedName{"everything_at_once", "_x-one-2!-py3.py3-no ne-.any.whl",
                    "error[SB0401]: `_x-one-2!-py3.py3-no ne-.any.whl` is not a wheel file name\n"
                    "note: distribution `_x` does not start and end with a letter or digit\n"
                    "note: version `one` is not a Python version such as `2.2.0` or `2.2.0+cu129`\n"
                    "note: build tag `2!` has characters other than letters, digits, `.` and `_`\n"
                    "note: python tag `py3` stands there twice\n"
                    "note: abi tag `no ne` has characters other than letters, digits and `_`\n"
                    "note: platform tags `.any` have an empty tag between dots\n"},
        RefusedName{"control_characters", "a\x1b[31m-1-py3-none-any.whl",
                    "error[SB0401]: `a\\x1b[31m-1-py3-none-any.whl` is not a wheel file name\n"
                    "note: distribution `a\\x1b[31m` has characters other than letters, digits, `.` and `_`\n"},
        RefusedName{"two_underscores", "a__b-1-py3-none-any.whl",
                    "error[SB0401]: `a__b-1-py3-none-any.whl` is not a wheel file name\nnote: distribution `a__b` has two `_` in a row\n"},
        RefusedName{"huge", std::string(1 << 20, 'a') + ".whl",
                    "error[SB0401]: `" + std::string(160, 'a') +
                        "...` is not a wheel file name\nnote: it has 1048580 bytes; file systems take 255\n"},
        RefusedName{"empty", "", "error[SB0401]: `` is not a wheel file name\nnote: it does not end in `.whl`\n"}),
    [](const auto& row) { return row.param.label; });

/// 1959 names of real CUDA extension wheels: those that no standard tool takes are refused, all others come back unchanged.
TEST(ParseWheelName, TakesRealNames) {
    std::ifstream file(SAGEBUILD_SOURCE_DIR "/tests/data/wheel-names.txt");
    ASSERT_TRUE(file);
    std::size_t count = 0;
    std::set<std::string> refused;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) continue;
        ++count;
        const auto name = parse_wheel_name(line);
        if (!name) {
            refused.insert(line);
        } else {
            EXPECT_EQ(render_wheel_name(*name), line);
        }
    }
    EXPECT_EQ(count, 1959U);
    EXPECT_THAT(refused, ElementsAre("sageattention-2.2.0-torch270.cu128-cp312-cp312-win_amd64.whl",  // a build tag starts with a digit
                                     "sageattention-2.2.0-torch280.cu129-cp312-cp312-linux_x86_64.whl"));  // likewise
}

}  // namespace
}  // namespace sagebuild
