#include "text/python_probe.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

std::string shown(const DriverFacts& facts) {
    std::string out = facts.driver ? facts.driver->to_string() : "-";
    if (!facts.gpus) return out + " no list" + (facts.problem.empty() ? "" : ": " + facts.problem);
    for (const GpuFacts& gpu : *facts.gpus) out += " | " + gpu.name + " " + (gpu.arch ? gpu.arch->to_string() : "-");
    return out;
}

std::string smi(std::string_view output) {
    const auto facts = parse_nvidia_smi(output);
    return facts ? shown(*facts) : "nothing";
}

TEST(NvidiaSmi, RowsAreRead) {
    EXPECT_EQ(smi("580.159.04, 9.0, NVIDIA H200\n"), "580.159.04 | NVIDIA H200 9.0");
    EXPECT_EQ(smi("570.124.06, 8.9, NVIDIA GeForce RTX 4090\r\n570.124.06, 12.0, NVIDIA RTX PRO 6000, Blackwell\n\n"),
              "570.124.06 | NVIDIA GeForce RTX 4090 8.9 | NVIDIA RTX PRO 6000, Blackwell 12.0");
    EXPECT_EQ(smi("470.82.01, [N/A], Tesla K80"), "470.82.01 | Tesla K80 -");
}

TEST(NvidiaSmi, OtherTextIsNone) {
    for (const char* text : {"", "\n", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", "580.1\n",
                             "580.1, 9.0\n", "x, 9.0, H200\n", "580.1, 9.0, H200\n\x1b[2J\n"})
        EXPECT_EQ(smi(text), "nothing") << text;
}

TEST(KernelModule, ItsVersionIsRead) {
    const std::pair<const char*, const char*> cases[] = {
        {"NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb 26 02:07:09 UTC 2025\nGCC version:  gcc version 12.2.0\n",
         "570.124.06"},
        {"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22)\n", "580.95.05"},
        {"NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  540.4.0  Release Build\n", "540.4.0"},
    };
    for (const auto& [text, version] : cases) EXPECT_EQ(parse_kernel_module_version(text)->to_string(), version);
    EXPECT_FALSE(parse_kernel_module_version("NVRM version: none\n"));
    EXPECT_FALSE(parse_kernel_module_version("Kernel Module  "));
}

TEST(Nvcc, ItsVersionIsRead) {
    EXPECT_EQ(parse_nvcc_version("nvcc: NVIDIA (R) Cuda compiler driver\nCuda compilation tools, release 12.9, V12.9.86\n")->to_string(),
              "12.9");
    EXPECT_FALSE(parse_nvcc_version("nvcc fatal"));
    EXPECT_FALSE(parse_nvcc_version("tools, release x"));
}

TEST(PythonProbeText, TheMarkedLineCounts) {
    const std::string line =
        R"(sagebuild-probe {"executable": "/v/bin/python", "installation": "/usr/bin/python3.13", "implementation": "cpython", "version": "3.13.0",)"
        R"( "free_threaded": true, "os": "linux", "arch": "aarch64", "glibc": "2.39", "torch": "/v/torch"})";
    const PythonFacts expected{.executable = "/v/bin/python",
                               .installation = "/usr/bin/python3.13",
                               .implementation = "cpython",
                               .version = *parse_version("3.13.0"),
                               .free_threaded = true,
                               .os = "linux",
                               .arch = "aarch64",
                               .glibc = parse_version("2.39"),
                               .torch_directory = "/v/torch"};
    EXPECT_EQ(parse_python_probe(line), expected);
    EXPECT_EQ(parse_python_probe("warming up\nsagebuild-probe {}\n" + line + "\nbye\n"), expected);
}

TEST(PythonProbeText, AnythingElseIsNone) {
    for (const char* text :
         {"", "sagebuild-probe", "sagebuild-probe []", "sagebuild-probe {", "x sagebuild-probe {\"version\": \"3.12.1\"}",
          "sagebuild-probe {\"version\": 3}", "sagebuild-probe {\"version\": \"3.12\"}", "sagebuild-probe {\"version\": \"\\ud800\"}"})
        EXPECT_FALSE(parse_python_probe(text)) << text;
    // Fields of another kind are unknown, and the rest still counts.
    const auto odd =
        parse_python_probe(R"(sagebuild-probe {"version": "3.12.1", "torch": null, "glibc": 2.3, "free_threaded": "yes", "os": []})");
    ASSERT_TRUE(odd);
    EXPECT_EQ(*odd, PythonFacts{.version = *parse_version("3.12.1")});
}

TEST(DriverProbeText, IsRead) {
    const auto text = [](const char* json) {
        const auto facts = parse_driver_probe(std::string("\nsagebuild-probe ") + json + "\n");
        return facts ? shown(*facts) : "nothing";
    };
    EXPECT_EQ(text(R"({"driver": "580.159.04", "gpus": [{"name": "NVIDIA H200", "arch": "9.0"}], "problem": ""})"),
              "580.159.04 | NVIDIA H200 9.0");
    EXPECT_EQ(text(R"({"driver": null, "gpus": [], "problem": ""})"), "-");
    EXPECT_EQ(text(R"({"driver": null, "gpus": null, "problem": "libcuda.so.1 is not found"})"), "- no list: libcuda.so.1 is not found");
    EXPECT_EQ(text(R"({"gpus": [3]})"), "nothing");
    EXPECT_EQ(text("[]"), "nothing");
}

}  // namespace
}  // namespace sagebuild
