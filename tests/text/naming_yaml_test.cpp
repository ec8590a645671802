#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "core/gpu_names.hpp"
#include "support/golden.hpp"
#include "text/compat_yaml.hpp"
#include "text/select_json.hpp"

namespace sagebuild {
namespace {

const Compat& compat() {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    return compat;
}

TEST(NamingYaml, EachSchemeReadsItsExamples) {
    for (const NamingScheme& scheme : compat().naming.schemes) {
        for (const std::string& example : scheme.examples) {
            const auto name = parse_wheel_name(example);
            ASSERT_TRUE(name) << example;
            EXPECT_EQ(read_wheel_facts(*name, compat()).scheme, scheme.name) << example;
        }
    }
}

/// What each shape of local version and build tag of the 1959 real names is read as: digits as `#`.
TEST(NamingYaml, ReadsTheNamesOfThePublishers) {
    std::ifstream file(SAGEBUILD_SOURCE_DIR "/tests/data/wheel-names.txt");
    std::map<std::string, std::pair<int, std::string>> shapes;
    for (std::string line; std::getline(file, line);) {
        const auto name = parse_wheel_name(line);
        if (line.starts_with("#") || !name) continue;
        const std::size_t plus = name->version.find('+');
        std::string shape = (plus == std::string::npos ? "" : name->version.substr(plus)) + (name->build.empty() ? "" : " -" + name->build);
        std::string folded;
        for (const char letter : shape) {
            const bool is_digit = letter >= '0' && letter <= '9';
            if (!is_digit || !folded.ends_with('#')) folded += is_digit ? '#' : letter;
        }
        auto& [count, facts] = shapes[folded];
        if (++count > 1) continue;
        const std::string json = render_wheel_name_json(line, compat());
        facts = line + "\n    " + json.substr(json.find("\"facts\""));
    }
    std::string text;
    for (const auto& [shape, entry] : shapes) text += std::to_string(entry.first) + " names like `" + shape + "`\n    " + entry.second;
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "select" / "schemes.txt", text));
}

TEST(NamingYaml, AWheelNameSaysWhatItsSchemeSays) {
    EXPECT_EQ(
        render_wheel_name_json("sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", compat()),
        R"({"file":"sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl","distribution":"sageattention","version":"2.2.0",)"
        R"("build":"280.129","tags":["cp312-cp312-linux_x86_64"],"facts":{"torch":"2.8.0","cuda":"12.9","cxx11_abi":null,"archs":null,)"
        R"("scheme":"torch-cuda-tag"}})"
        "\n");
    EXPECT_EQ(render_wheel_name_json("sageattention-2.2.0-torch280.cu129-cp312-cp312-linux_x86_64.whl", compat()),
              R"({"file":"sageattention-2.2.0-torch280.cu129-cp312-cp312-linux_x86_64.whl",)"
              R"("error":"not a wheel file name: build tag `torch280.cu129` does not start with a digit"})"
              "\n");
}

/// The tag of `sagebuild` means torch and CUDA for the projects that declare it only.
TEST(NamingYaml, ABuildTagOfAnotherProjectMeansNothing) {
    for (const char* text :
         {"other-2.2.0-280.129-cp312-cp312-linux_x86_64.whl", "sageattention-2.2.0-8.9-cp312-cp312-linux_x86_64.whl",
          "sageattention-2.2.0-3-cp312-cp312-linux_x86_64.whl", "sageattention-2.2.0-1301-cp312-cp312-linux_x86_64.whl"}) {
        EXPECT_EQ(read_wheel_facts(*parse_wheel_name(text), compat()).scheme, "") << text;
    }
}

TEST(GpuNames, AreReadFromTheData) {
    const std::map<std::string, std::string> rows = {{"8.9", "8.9"},
                                                     {"RTX 4090", "8.9"},
                                                     {"NVIDIA GeForce RTX 4090 Laptop GPU", "8.9"},
                                                     {"rtx4090", "8.9"},
                                                     {"NVIDIA H200", "9.0"},
                                                     {"NVIDIA H100 80GB HBM3", "9.0"},
                                                     {"A100-SXM4-80GB", "8.0"},
                                                     {"GB10", "12.1"},
                                                     {"Orin", "8.7"},
                                                     {"Jetson Orin Nano", "8.7"},
                                                     {"Jetson Nano", "5.3"},
                                                     {"NVIDIA RTX 6000 Ada Generation", "8.9"},
                                                     {"Quadro RTX 6000", "7.5"},
                                                     {"NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0"},
                                                     {"RTX A6000", "8.6"},
                                                     {"Tesla T4", "7.5"},
                                                     {"NVIDIA Thor", "11.0"},
                                                     {"GeForce GTX 1660 Ti", "7.5"},
                                                     {"Tesla V100-SXM2-16GB", "7.0"},
                                                     {"NVIDIA GeForce RTX 5090", "12.0"},
                                                     {"NVIDIA GH200 480GB", "9.0"},
                                                     {"L40S", "8.9"},
                                                     {"12.1", "12.1"}};
    for (const auto& [text, expected] : rows) {
        const auto gpu = find_gpu(text, compat());
        ASSERT_TRUE(gpu) << render_diagnostics(gpu.errors());
        EXPECT_EQ(gpu->to_string(), expected) << text;
    }
}

TEST(GpuNames, UnknownOnesAreAnsweredWithTheNearest) {
    const auto gpu = find_gpu("RTX 4900", compat());
    ASSERT_FALSE(gpu);
    EXPECT_EQ(render_diagnostics(gpu.errors()),
              "error[SB0423]: `RTX 4900` is not a known GPU\n"
              "nearest: rtx 4090; rtx 2090; rtx a4000\n"
              "hint: write its compute capability, such as `8.9`; `nvidia-smi --query-gpu=compute_cap --format=csv` prints it\n");
    EXPECT_FALSE(find_gpu("", compat()));
    EXPECT_FALSE(find_gpu("9.0a", compat()));
    EXPECT_FALSE(find_gpu(std::string(1 << 20, 'x'), compat()));
}

}  // namespace
}  // namespace sagebuild
