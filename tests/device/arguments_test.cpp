// The command line of sagebuild-device: every refusal with its whole text.
#include "device/arguments.hpp"

#include <gtest/gtest.h>

#include "device/failure.hpp"

namespace sagebuild::device {
namespace {

const std::vector<std::string> complete = {"--toolchain", "cuda",  "--arch=sm_90a", "--include",  "include",  "--option=--std=c++17",
                                           "--option",    "-DX=1", "--source",      "units/k.cu", "--output", "k.cubin"};

TEST(DeviceArguments, CompileTakesBothSpellingsOfAValue) {
    const CompileRequest request = parse_compile_arguments(complete);
    EXPECT_EQ(request.toolchain, "cuda");
    EXPECT_EQ(request.arch.name(), "sm_90a");
    EXPECT_EQ(request.includes, std::vector<std::string>{"include"});
    EXPECT_EQ(request.options, (std::vector<std::string>{"--std=c++17", "-DX=1"}));
    EXPECT_EQ(request.source, "units/k.cu");
    EXPECT_EQ(request.output, "k.cubin");
}

TEST(DeviceArguments, FatbinImagesAreSortedCubinsFirst) {
    const FatbinRequest request =
        parse_fatbin_arguments({"compute_90=p", "sm_100=c", "sm_90a=b", "--output", "f", "sm_90=a", "--toolchain=cuda"});
    std::vector<std::string> order;
    for (const auto& [arch, path] : request.images) order.push_back(arch.name() + " " + path);
    EXPECT_EQ(order, (std::vector<std::string>{"sm_90 a", "sm_90a b", "sm_100 c", "compute_90 p"}));
}

struct Refusal {
    std::string name;
    bool fatbin;
    std::vector<std::string> arguments;
    std::string text;
};

std::vector<std::string> complete_with(std::vector<std::string> more) {
    std::vector<std::string> all = complete;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::vector<std::string> with_arch(const std::string& arch) {
    return {"--toolchain=cuda", "--arch", arch, "--source=k.cu", "--output=k"};
}

class DeviceArgumentRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(DeviceArgumentRefusals, NamesWhatIsWrong) {
    try {
        if (GetParam().fatbin) {
            (void)parse_fatbin_arguments(GetParam().arguments);
        } else {
            (void)parse_compile_arguments(GetParam().arguments);
        }
        ADD_FAILURE() << "accepted";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.what(), GetParam().text);
        EXPECT_EQ(failure.exit(), Exit::usage);
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, DeviceArgumentRefusals,
    testing::Values(
        Refusal{"nothing", false, {}, "`--toolchain` is missing"}, Refusal{"no_arch", false, {"--toolchain=cuda"}, "`--arch` is missing"},
        Refusal{"no_source", false, {"--toolchain=cuda", "--arch=sm_90"}, "`--source` is missing"},
        Refusal{"no_output", false, {"--toolchain=cuda", "--arch=sm_90", "--source=k.cu"}, "`--output` is missing"},
        Refusal{"no_value", false, {"--toolchain"}, "`--toolchain` needs a value"},
        Refusal{"empty_value", false, {"--toolchain="}, "the value of `--toolchain` is empty"},
        Refusal{"twice", false, complete_with({"--output=x"}), "`--output` is given twice"},
        Refusal{"unknown", false, complete_with({"--fast"}), "unknown argument `--fast` of `compile`"},
        Refusal{"second_source", false, complete_with({"more.cu"}), "unknown argument `more.cu` of `compile`"},
        Refusal{"arch_dotted", false, with_arch("9.0"), "`9.0` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`"},
        Refusal{"arch_short", false, with_arch("sm_9"), "`sm_9` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`"},
        Refusal{"arch_negative", false, with_arch("sm_-90"), "`sm_-90` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`"},
        Refusal{"arch_long", false, with_arch("sm_1200"), "`sm_1200` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`"},
        Refusal{"arch_suffix", false, with_arch("sm_90b"), "`sm_90b` is no arch; write one like `sm_90`, `sm_90a` or `compute_120`"},
        Refusal{"fatbin_empty", true, {"--toolchain=cuda", "--output=f"}, "no image: give at least one ARCH=FILE"},
        Refusal{"fatbin_no_output", true, {"--toolchain=cuda", "sm_90=a"}, "`--output` is missing"},
        Refusal{"fatbin_form", true, {"a.cubin"}, "`a.cubin` is not of the form ARCH=FILE"},
        Refusal{"fatbin_no_file", true, {"sm_90="}, "`sm_90=` is not of the form ARCH=FILE"},
        Refusal{"fatbin_two", true, {"sm_90a=a", "sm_90a=b"}, "two files for `sm_90a`"},
        Refusal{"fatbin_unknown", true, {"--level=9"}, "unknown argument `--level` of `fatbin`"}),
    [](const testing::TestParamInfo<Refusal>& row) { return row.param.name; });

}  // namespace
}  // namespace sagebuild::device
