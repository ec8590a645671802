#include "core/torch_requirement.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

std::string shown(const std::optional<TorchBuild>& build) {
    if (!build) return "-";
    return build->is_cpu ? "cpu" : build->cuda->to_string();
}

std::string shown(const std::optional<TorchPin>& pin) {
    return pin ? pin->version.to_string() + " " + shown(pin->build) : "-";
}

TEST(TorchRequirement, ReadsBuilds) {
    EXPECT_EQ(shown(parse_torch_build("cu129")), "12.9");
    EXPECT_EQ(shown(parse_torch_build("cu118")), "11.8");
    EXPECT_EQ(shown(parse_torch_build("cu1210")), "12.10");
    EXPECT_EQ(shown(parse_torch_build("cpu")), "cpu");
    for (const char* none : {"", "cu", "cu12", "cu12x", "rocm6.3", "xpu", "cu01234", "cu12345"})
        EXPECT_EQ(shown(parse_torch_build(none)), "-");
    EXPECT_EQ(shown(build_of_index("https://download.pytorch.org/whl/cu130/")), "13.0");
    EXPECT_EQ(shown(build_of_index("https://download.pytorch.org/whl/nightly/cu128")), "12.8");
    EXPECT_EQ(shown(build_of_index("https://pypi.org/simple")), "-");
}

TEST(TorchRequirement, ReadsPins) {
    EXPECT_EQ(shown(parse_torch_pin("==2.9.1+cu129")), "2.9.1 12.9");
    EXPECT_EQ(shown(parse_torch_pin("===2.9.1")), "2.9.1 -");
    EXPECT_EQ(shown(parse_torch_pin("==2.9.*")), "2.9 -");
    EXPECT_EQ(shown(parse_torch_pin("~=2.9.0,!=2.9.1")), "2.9 -");
    EXPECT_EQ(shown(parse_torch_pin(">=2.8, == 2.9.0rc1")), "2.9.0 -");
    for (const char* open : {"", ">=2.9", "~=2.9", "==2.*", "==x", "<2.10"}) EXPECT_EQ(shown(parse_torch_pin(open)), "-") << open;
}

}  // namespace

}  // namespace sagebuild
