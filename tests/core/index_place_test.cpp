#include "core/index_place.hpp"

#include <gtest/gtest.h>

#include "text/compat_yaml.hpp"

namespace sagebuild {
namespace {

const Compat& project_compat() {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    return compat;
}

PublishedWheel wheel_named(const std::string& file) {
    PublishedWheel wheel;
    wheel.wheel.name = file;
    wheel.name = parse_wheel_name(file).value();
    wheel.facts = read_wheel_facts(wheel.name, project_compat());
    wheel.torch = wheel.facts.torch;
    wheel.cuda = wheel.facts.cuda;
    return wheel;
}

std::string place_of(const PublishedWheel& wheel) {
    const IndexPlace place = find_index_place(wheel);
    return place.directory.empty() ? "- " + place.reason : place.directory;
}

struct Case {
    std::string file;
    std::string place;
};

class IndexPlaceTest : public ::testing::TestWithParam<Case> {};

TEST_P(IndexPlaceTest, NameAlone) {
    EXPECT_EQ(place_of(wheel_named(GetParam().file)), GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(
    Names, IndexPlaceTest,
    ::testing::Values(
        Case{"sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", "torch2.8-cu129"},
        Case{"sageattention-2.2.0-2100.130-cp312-cp312-linux_x86_64.whl", "torch2.10-cu130"},
        Case{"sageattention-2.2.0+cu128torch2.7.1-cp312-cp312-win_amd64.whl", "torch2.7-cu128"},
        Case{"sageattention-2.2.0+cu128torch2.10.0andhigher.post6-cp310-abi3-win_amd64.whl", "torch2.10-or-later-cu128"},
        Case{"flash_attn-2.8.2+cu12torch2.6cxx11abiTRUE-cp310-cp310-linux_x86_64.whl", "torch2.6-cu12-cxx11abi1"},
        Case{"flash_attn-2.8.2+cu12torch2.6cxx11abiFALSE-cp310-cp310-linux_x86_64.whl", "torch2.6-cu12-cxx11abi0"},
        Case{"causal_conv1d-1.5.3.post1+cu12torch25.04cxx11abiTRUE-cp312-cp312-linux_x86_64.whl", "container25.04-cu12-cxx11abi1"},
        Case{"sageattention-2.2.0+cu130.torch2.13.0.sm90-cp312-cp312-linux_x86_64.whl", "torch2.13-cu130-sm90"},
        Case{"sgl_kernel-0.3.18.post3+cu130-cp310-abi3-manylinux2014_x86_64.whl", "cu130"},
        Case{"nunchaku-0.2.0+torch2.6-cp311-cp311-linux_x86_64.whl", "torch2.6"}, Case{"pure-1.0-py3-none-any.whl", "universal"},
        Case{"pure-1.0-py2.py3-none-any.whl", "universal"},
        Case{"old-1.0-py2-none-any.whl", "- says neither by its name nor by what is inside which torch and CUDA it is made for"},
        Case{"native-1.0-py3-none-linux_x86_64.whl",
             "- says neither by its name nor by what is inside which torch and CUDA it is made for"},
        Case{"plain-1.0-cp312-cp312-linux_x86_64.whl",
             "- says neither by its name nor by what is inside which torch and CUDA it is made for"},
        Case{"other-1.0-280.129-cp312-cp312-linux_x86_64.whl",
             "- says neither by its name nor by what is inside which torch and CUDA it is made for"},
        Case{"x-1.0+cu129torch990-cp312-cp312-linux_x86_64.whl", "- names a torch that is not among the known releases"},
        Case{"exllamav2-0.2.8+rocm6.2.4.torch2.6.0-cp310-cp310-linux_x86_64.whl",
             "- is made for rocm, and indexes are per torch and CUDA"}));

TEST(IndexPlace, ContentOutranksTheName) {
    PublishedWheel universal = wheel_named("sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.whl");
    universal.wheel.content = CandidateContent{.images = {}, .dispatch = {}, .any_torch = true, .minimum_torch = {}, .toolkit = {}};
    EXPECT_EQ(place_of(universal), "universal");
    universal.wheel.content->any_torch = false;
    EXPECT_EQ(place_of(universal), "- says neither by its name nor by what is inside which torch and CUDA it is made for");
    PublishedWheel pinned = wheel_named("plain-1.0-cp312-cp312-linux_x86_64.whl");
    pinned.torch = parse_version("2.8.1");
    EXPECT_EQ(place_of(pinned), "torch2.8");
    // A wheel of one torch stays with that torch, though its binding would run on others.
    PublishedWheel row = wheel_named("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl");
    row.wheel.content = CandidateContent{.images = {}, .dispatch = {}, .any_torch = true, .minimum_torch = {}, .toolkit = {}};
    row.cuda = parse_version("12.9.1");
    EXPECT_EQ(place_of(row), "torch2.8-cu129");
}

}  // namespace
}  // namespace sagebuild
