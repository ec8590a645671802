#include "text/compat_yaml.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/golden.hpp"

namespace sagebuild {

namespace {

std::filesystem::path compat_directory() {
    return std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "matrix" / "compat";
}

std::map<std::string, std::string> files_of_tree() {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(compat_directory())) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".yaml") files["matrix/compat/" + name] = test::read_file(entry.path());
    }
    return files;
}

Compat read_tree() {
    auto compat = parse_compat(files_of_tree());
    EXPECT_TRUE(compat) << (compat ? "" : render_diagnostics(compat.errors()));
    return compat ? *compat : Compat{};
}

Version version(std::string_view text) {
    return *parse_version(text);
}

TEST(CompatYaml, ReadsToolkits) {
    const Compat compat = read_tree();
    ASSERT_EQ(compat.cuda.size(), 15u);
    const CudaToolkit* toolkit = compat.find_cuda(version("12.8.1"));
    ASSERT_NE(toolkit, nullptr);
    EXPECT_EQ(toolkit->targets.back(), (Arch{12, 0, ArchFeature::specific}));
    EXPECT_EQ(compat.find_cuda(version("12.7.0")), nullptr);
    const auto& thirteen = compat.find_cuda(version("13.0.0"))->targets;
    EXPECT_EQ(thirteen.front(), (Arch{7, 5}));
    EXPECT_NE(std::find(thirteen.begin(), thirteen.end(), Arch{12, 1}), thirteen.end());
}

TEST(CompatYaml, ReadsTorchReleases) {
    const Compat compat = read_tree();
    ASSERT_EQ(compat.torch.size(), 12u);
    const TorchRelease* release = compat.find_torch(version("2.9.0"));
    ASSERT_NE(release, nullptr);
    EXPECT_EQ(release->pythons.back(), version("3.14"));
    EXPECT_EQ(release->cudas, (std::vector<Version>{version("12.6"), version("12.8"), version("12.9"), version("13.0")}));
}

TEST(CompatYaml, LeavesUnverifiedVariantsOut) {
    const Compat compat = read_tree();
    EXPECT_EQ(compat.find_torch(version("2.15.0"))->cudas, (std::vector<Version>{version("13.0"), version("13.2")}));
}

TEST(CompatYaml, ReadsWhatTorchShipsPerPlatform) {
    const Compat compat = read_tree();
    const TorchRelease& torch = *compat.find_torch(version("2.8.0"));
    const TorchVariant& variant = torch.variants.at(version("12.9"));
    ASSERT_TRUE(variant.linux_x86_64 && variant.linux_aarch64);
    EXPECT_EQ(variant.linux_x86_64->cubins.back(), (Arch{12, 0}));
    EXPECT_EQ(variant.linux_x86_64->ptx, (std::vector<Arch>{{12, 0}}));
    EXPECT_FALSE(variant.linux_aarch64->is_known);
    EXPECT_TRUE(variant.windows);
    EXPECT_FALSE(torch.variants.at(version("12.8")).linux_aarch64);
    EXPECT_EQ(torch.pythons_free_threaded, (std::vector<Version>{version("3.13")}));
    EXPECT_EQ(torch.pypi_cuda, version("12.8"));
    EXPECT_EQ(torch.pypi_cuda_aarch64, std::nullopt);
    EXPECT_EQ(torch.platform, "manylinux_2_28");
    EXPECT_EQ(compat.find_torch(version("2.14.0"))->cxx_std_required, 20);
    EXPECT_EQ(compat.find_torch(version("2.15.0"))->unverified, (std::vector<Version>{version("12.6"), version("13.4")}));
}

TEST(CompatYaml, KnowsTheCxxAbiOfEachVariant) {
    const Compat compat = read_tree();
    const TorchRelease& torch = *compat.find_torch(version("2.6.0"));
    EXPECT_EQ(torch.has_cxx11_abi(version("12.4")), false);
    EXPECT_EQ(torch.has_cxx11_abi(version("12.6.3")), true);
    EXPECT_EQ(torch.has_cxx11_abi(version("12.8")), std::nullopt);
    EXPECT_EQ(compat.find_torch(version("2.9"))->has_cxx11_abi(version("12.8")), true);
}

TEST(CompatYaml, ReadsContainerImages) {
    const ContainerImages images = read_tree().images;
    EXPECT_EQ(images.repository, "nvidia/cuda");
    EXPECT_EQ(images.releases.at(version("12.9.2")).status, ImageStatus::newest);
    EXPECT_EQ(images.releases.at(version("12.6.1")).status, ImageStatus::superseded);
    EXPECT_EQ(images.releases.at(version("13.4.1")).cudnn_systems, (std::vector<std::string>{"ubuntu24.04"}));
    EXPECT_EQ(images.systems.at("ubuntu24.04").glibc, version("2.39"));
    EXPECT_EQ(images.systems.at("ubuntu24.04").gcc, 13);
    for (const auto& [release, image] : images.releases) {
        for (const std::string& system : image.systems) EXPECT_TRUE(images.systems.contains(system)) << release.to_string();
    }
}

TEST(CompatYaml, ReadsDrivers) {
    const Drivers drivers = read_tree().drivers;
    EXPECT_EQ(drivers.minimum.at(12).on_linux->to_string(), "525.60.13");
    EXPECT_EQ(drivers.minimum.at(13).on_windows, std::nullopt);
    EXPECT_EQ(drivers.shipped.at(version("12.8.1")).on_linux, parse_driver_version("570.124.6"));
    EXPECT_EQ(drivers.minimum.size(), 3u);
}

TEST(CompatYaml, ReadsCompilerBounds) {
    const Compat compat = read_tree();
    EXPECT_EQ(compat.find_cuda(version("12.9.1"))->gcc_max, 14);
    EXPECT_EQ(compat.find_cuda(version("12.0.0"))->clang_max, 14);
}

TEST(CompatYaml, ReadsGpus) {
    const Compat compat = read_tree();
    EXPECT_TRUE(compat.gpus.at({8, 7}).integrated);
    EXPECT_TRUE(compat.gpus.at({8, 7}).arm_host);
    EXPECT_FALSE(compat.gpus.at({12, 1}).integrated);
    EXPECT_TRUE(compat.gpus.at({12, 1}).arm_host);
    EXPECT_EQ(compat.gpus.at({9, 0}).gpus, (std::vector<std::string>{"H100", "H200", "GH200"}));
}

TEST(CompatYaml, ReadsPins) {
    const Compat compat = read_tree();
    const Toolchain& toolchain = compat.cuda_toolchains.at(version("12.9.1"));
    EXPECT_EQ(toolchain.name, "cuda-12.9.1");
    ASSERT_FALSE(toolchain.wheels.empty());
    EXPECT_EQ(toolchain.wheels[0].distribution, "nvidia-cuda-nvrtc-cu12");
    EXPECT_EQ(toolchain.wheels[0].sha256.at("linux-x86_64").size(), 64u);
    EXPECT_EQ(compat.host_toolchain.name, "zig-0.15.2");
}

TEST(CompatYaml, EveryToolchainServesAKnownToolkit) {
    const Compat compat = read_tree();
    for (const auto& [release, toolchain] : compat.cuda_toolchains) EXPECT_NE(compat.find_cuda(release), nullptr) << toolchain.name;
}

TEST(CompatYaml, EmbeddedCopyIsTheTree) {
    std::map<std::string, std::string> expected;
    for (const auto& [path, bytes] : files_of_tree()) expected["<built-in>/compat/" + path.substr(path.rfind('/') + 1)] = bytes;
    EXPECT_EQ(embedded_compat_files(), expected);
}

class CompatGolden : public testing::TestWithParam<std::filesystem::path> {};

/// Each case holds the files that differ from the tree's; `absent.txt` names files that the case lacks.
TEST_P(CompatGolden, ReportsEveryProblem) {
    std::map<std::string, std::string> files = files_of_tree();
    for (const auto& entry : std::filesystem::directory_iterator(GetParam())) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".yaml") files["matrix/compat/" + name] = test::read_file(entry.path());
        if (name != "absent.txt") continue;
        std::ifstream lines(entry.path());
        for (std::string absent; std::getline(lines, absent);) files.erase("matrix/compat/" + absent);
    }
    const auto compat = parse_compat(files);
    ASSERT_FALSE(compat);
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", render_diagnostics(compat.errors())));
}

INSTANTIATE_TEST_SUITE_P(Cases, CompatGolden, testing::ValuesIn(test::golden_cases("compat")), test::case_name);

}  // namespace

}  // namespace sagebuild
