#include "app/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/environment_text.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/memory_edges.hpp"

namespace sagebuild {
namespace {

const std::string unknown_python = "python - -, torch - cuda - abi -";

/// A machine that a test takes apart: Python 3.12 with torch 2.7.1+cu128, an RTX 4090 beside an H200, nvcc 12.9.
class ProbeTest : public ::testing::Test {
  protected:
    ProbeTest() {
        m_processes.programs = {"python3", "nvidia-smi", "nvcc"};
        m_processes.answer = [this](const Command& command) { return answer(command); };
        m_files.files["/v/torch/version.py"] = "__version__ = '2.7.1+cu128'\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n";
        m_files.files["/v/torch/lib/libc10.so"] = "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string";
    }

    ProcessResult answer(const Command& command) {
        EXPECT_TRUE(command.limits) << testing::joined(command) << " may hang";
        if (command.arguments[0] == "/usr/bin/nvidia-smi") return m_smi;
        if (command.arguments[0] == "/usr/bin/nvcc") return m_nvcc;
        const bool is_driver = command.arguments.at(2) == driver_probe_program();
        return is_driver ? m_libcuda : m_python;
    }

    static ProcessResult prints(const std::string& output) { return {.output = output}; }
    static std::string python_line(const std::string& torch = "\"/v/torch\"", const std::string& glibc = "\"2.36\"",
                                   const std::string& implementation = "cpython") {
        return "sagebuild-probe {\"executable\": \"/usr/bin/python3\", \"implementation\": \"" + implementation +
               "\", \"version\": \"3.12.1\", \"free_threaded\": false, \"os\": \"linux\", \"arch\": \"x86_64\", \"glibc\": " + glibc +
               ", \"torch\": " + torch + "}\n";
    }

    /// The environment in one line, then the notes, or the error.
    std::string run(const std::string& python = "") {
        const auto report = probe_environment(python, m_edges);
        if (!report) return render_diagnostics(report.errors());
        std::string text = testing::environment_text(report->environment) + "\n";
        for (const std::string& note : report->notes) text += note + "\n";
        return text;
    }

    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
    const Edges m_edges{m_files, m_processes, m_environment, m_clock, m_http};
    ProcessResult m_python = prints(python_line());
    ProcessResult m_smi =
        prints("575.57.08, 9.0, NVIDIA H200\n575.57.08, 8.9, NVIDIA GeForce RTX 4090\n575.57.08, 8.9, NVIDIA GeForce RTX 4090\n");
    ProcessResult m_libcuda = prints("sagebuild-probe {\"driver\": null, \"gpus\": null, \"problem\": \"libcuda.so.1 is not found\"}\n");
    ProcessResult m_nvcc = prints("Cuda compilation tools, release 12.9, V12.9.86\n");
};

TEST_F(ProbeTest, AWholeMachine) {
    EXPECT_EQ(run(),
              "python 3.12 gil, torch 2.7.1 cuda 12.8 abi new, driver 575.57.08, toolkit 12.9, linux x86_64 glibc 2.36, sm 8.9 9.0\n");
    EXPECT_EQ(m_processes.commands.size(), 3U) << "libcuda is asked only where nvidia-smi does not answer";
}

TEST_F(ProbeTest, ABareMachine) {
    m_processes.programs = {"python3"};
    m_python = prints(python_line("null"));
    EXPECT_EQ(run(),
              "python 3.12 gil, torch - cuda - abi -, driver -, toolkit -, linux x86_64 glibc 2.36, sm -\n"
              "torch is not installed for `/usr/bin/python3`\n"
              "no NVIDIA driver answers here: `nvidia-smi` is not on PATH and libcuda.so.1 is not found\n");
}

TEST_F(ProbeTest, ABrokenPythonLeavesTheRest) {
    const std::string rest = ", driver 575.57.08, toolkit 12.9, - - glibc -, sm 8.9 9.0\n`/usr/bin/python3` is no working Python: ";
    m_python = {.exit_code = 1, .error_output = "Fatal Python error: init_fs_encoding\nModuleNotFoundError: No module named 'encodings'\n"};
    EXPECT_EQ(run(), unknown_python + rest + "it ended with exit code 1: ModuleNotFoundError: No module named 'encodings'\n");
    m_python = {.exit_code = 127};
    EXPECT_EQ(run(), unknown_python + rest + "it ended with exit code 127\n");
    m_python = {.exit_code = 137, .stopped = true};
    EXPECT_EQ(run(), unknown_python + rest + "it did not answer within 30 s and was stopped\n");
    m_python = prints("GNU bash\n\x1b[2J");
    EXPECT_EQ(run(), unknown_python + rest + "it does not answer like a Python\n");
}

TEST_F(ProbeTest, WithoutPythonLibcudaIsNotAsked) {
    m_python = {.exit_code = 1};
    m_processes.programs = {"python3"};
    EXPECT_THAT(run(), ::testing::EndsWith(
                           "no NVIDIA driver answers here: `nvidia-smi` is not on PATH and no Python that could ask libcuda.so.1\n"));
}

TEST_F(ProbeTest, AHangingNvidiaSmiIsReplacedByLibcuda) {
    m_smi = {.exit_code = 137, .stopped = true};
    m_libcuda = prints(R"(sagebuild-probe {"driver": "580.159.04", "gpus": [{"name": "NVIDIA H200", "arch": "9.0"}], "problem": ""})");
    EXPECT_THAT(run(), ::testing::EndsWith("driver 580.159.04, toolkit 12.9, linux x86_64 glibc 2.36, sm 9.0\n"
                                           "`nvidia-smi` did not answer within 15 s and was stopped\n"));
    m_libcuda = {.exit_code = 137, .stopped = true};
    EXPECT_THAT(run(), ::testing::EndsWith("driver -, toolkit 12.9, linux x86_64 glibc 2.36, sm -\n"
                                           "`nvidia-smi` did not answer within 15 s and was stopped\n"
                                           "libcuda.so.1 did not answer within 15 s\nthe GPUs are not known\n"));
}

TEST_F(ProbeTest, AnOldOrFailingNvidiaSmiIsQuoted) {
    m_smi = {.exit_code = 2, .output = "Field \"compute_cap\" is not a valid field to query.\n\n"};
    m_files.files["/proc/driver/nvidia/version"] = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 2021\n";
    m_libcuda = prints(R"(sagebuild-probe {"driver": null, "gpus": [{"name": "Tesla T4", "arch": "7.5"}], "problem": ""})");
    EXPECT_THAT(run(), ::testing::EndsWith("driver 470.82.01, toolkit 12.9, linux x86_64 glibc 2.36, sm 7.5\n"
                                           "`nvidia-smi` says: Field \"compute_cap\" is not a valid field to query.\n"));
    m_smi = {.exit_code = 9, .output = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\x1b[31m\n"};
    m_libcuda = {.exit_code = 139};
    EXPECT_THAT(run(), ::testing::EndsWith(
                           "driver 470.82.01, toolkit 12.9, linux x86_64 glibc 2.36, sm -\n"
                           "`nvidia-smi` says: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\\x1b[31m\n"
                           "the GPUs are not known: libcuda.so.1 cannot be asked\n"));
}

TEST_F(ProbeTest, NoDevicesIsAnAnswer) {
    m_smi = {.exit_code = 6, .output = "No devices were found\n"};
    m_files.files["/proc/driver/nvidia/version"] = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build\n";
    EXPECT_EQ(run(), "python 3.12 gil, torch 2.7.1 cuda 12.8 abi new, driver 580.95.05, toolkit 12.9, linux x86_64 glibc 2.36, sm none\n");
}

TEST_F(ProbeTest, AGpuWithoutCapabilityLeavesThemUnknown) {
    m_smi = prints("470.82.01, [N/A], Tesla K80\n");
    EXPECT_THAT(run(), ::testing::EndsWith("sm -\nthe compute capability of `Tesla K80` is not known\n"));
}

TEST_F(ProbeTest, WslHasNvidiaSmiOutsidePath) {
    m_processes.programs = {"python3", "/usr/lib/wsl/lib/nvidia-smi"};
    m_processes.answer = [this](const Command& command) { return command.arguments[0].ends_with("nvidia-smi") ? m_smi : answer(command); };
    EXPECT_THAT(run(), ::testing::HasSubstr("driver 575.57.08"));
}

TEST_F(ProbeTest, TorchIsReadNotImported) {
    const auto notes = [this] {
        const std::string text = run();
        return text.substr(text.find('\n') + 1);
    };
    m_files.files["/v/torch/lib/libc10.so"] = "_ZN3c105ErrorC1ENS_14SourceLocationESs";
    EXPECT_THAT(run(), ::testing::HasSubstr("torch 2.7.1 cuda 12.8 abi old"));
    m_files.files.erase("/v/torch/lib/libc10.so");
    EXPECT_EQ(notes(), "torch's C++ ABI is not known: its `libc10.so` does not show it\n");
    m_files.files["/v/torch/lib/libc10.so"] = "_ZN3c105ErrorC1ENS_14SourceLocationESs";
    m_files.files["/v/torch/version.py"] = "__version__ = '2.8.0a0+rocm6.4'\ncuda: Optional[str] = None\nhip: Optional[str] = '6.4.4'\n";
    EXPECT_EQ(notes(), "torch 2.8.0a0+rocm6.4 is built for ROCm, not for CUDA\ntorch 2.8.0a0+rocm6.4 is a pre-release\n");
    EXPECT_THAT(run(), ::testing::HasSubstr("torch 2.8.0 cuda none abi old"));
    m_files.files["/v/torch/version.py"] = "raise ImportError\n";
    EXPECT_EQ(notes(), "`/v/torch` is found as torch, but states no version\n");
}

TEST_F(ProbeTest, OddInterpretersAreTold) {
    m_python = prints(python_line("\"/v/torch\"", "null", "pypy"));
    EXPECT_THAT(run(), ::testing::EndsWith("`/usr/bin/python3` is pypy, and wheels with kernels are for CPython\n"
                                           "the C library is not glibc, and `manylinux` and `linux` wheels want it\n"));
}

TEST_F(ProbeTest, TheInterpreterIsFound) {
    const auto asked = [this](const std::string& python) {
        m_processes.commands.clear();
        run(python);
        return m_processes.commands.at(0).arguments.at(0);
    };
    EXPECT_EQ(asked(""), "/usr/bin/python3");
    m_processes.programs = {"python3.9", "/venv/bin/python", "python"};
    EXPECT_EQ(asked("python3.9"), "/usr/bin/python3.9");
    EXPECT_EQ(asked(""), "/usr/bin/python");
    EXPECT_EQ(asked("/venv"), "/venv/bin/python");
    m_environment.variables["VIRTUAL_ENV"] = "/venv";
    EXPECT_EQ(asked(""), "/venv/bin/python");
    m_environment.variables["VIRTUAL_ENV"] = "/gone";
    EXPECT_EQ(asked(""), "/usr/bin/python");
}

TEST_F(ProbeTest, NoInterpreterIsAnError) {
    m_processes.programs = {};
    EXPECT_EQ(run(),
              "error[SB0560]: no Python is found: no active virtual environment, no `python3` and no `python` on PATH\nhint: name the "
              "interpreter\n");
    EXPECT_EQ(run("/no/such\x1b"),
              "error[SB0560]: `/no/such\\x1b` is neither a Python interpreter nor a virtual environment\n"
              "hint: name a program such as `python3.12`, or the directory that `python -m venv` made\n");
}

TEST_F(ProbeTest, TheToolkitIsLookedForWhereItIs) {
    m_processes.programs = {"python3", "/opt/cuda/bin/nvcc"};
    m_environment.variables["CUDA_HOME"] = "/opt/cuda";
    m_processes.answer = [this](const Command& command) { return command.arguments[0].ends_with("nvcc") ? m_nvcc : answer(command); };
    EXPECT_EQ(probe_toolkit(m_edges)->to_string(), "12.9");
    m_nvcc = {.exit_code = 1, .output = "release 12.9,"};
    EXPECT_FALSE(probe_toolkit(m_edges));
}

}  // namespace
}  // namespace sagebuild
