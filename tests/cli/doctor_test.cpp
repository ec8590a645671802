#include <gtest/gtest.h>

#include "support/cli_run.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/golden.hpp"
#include "support/memory_edges.hpp"
#include "text/python_probe.hpp"

namespace sagebuild {
namespace {

/// A machine of which each program answers what `m_answers` says, by the beginning of its command line; others end with exit code 1.
class DoctorTest : public ::testing::Test {
  protected:
    DoctorTest() {
        m_processes.answer = [this](const Command& command) {
            EXPECT_TRUE(command.limits) << testing::joined(command) << " may hang";
            std::string line = testing::replace_all(testing::joined(command), std::string(python_probe_program()), "PROBE");
            line = testing::replace_all(line, std::string(driver_probe_program()), "DRIVER");
            for (const auto& [beginning, result] : m_answers) {
                if (line.starts_with(beginning)) return result;
            }
            return ProcessResult{.exit_code = 1, .error_output = "https://user:password@index.internal refuses\n"};
        };
        m_environment.variables = {{"HOME", "/home/user"}, {"PATH", "/usr/bin:/gone"}};
    }
    void answer(const std::string& beginning, const std::string& output) { m_answers[beginning] = {.output = output}; }
    void add_python(const std::string& program, const std::string& version, const std::string& torch = "",
                    const std::string& installation = "") {
        m_processes.programs.insert(program);
        m_files.files[program] = "";
        answer(program + " -c PROBE",
               "sagebuild-probe {\"executable\": \"" + program + "\", \"installation\": \"" +
                   (installation.empty() ? program : installation) + "\", \"implementation\": \"cpython\", \"version\": \"" + version +
                   "\", \"free_threaded\": " + (program.ends_with("t") ? "true" : "false") +
                   ", \"os\": \"linux\", \"arch\": \"x86_64\", \"glibc\": \"2.36\", \"torch\": \"" + torch + "\"}\n");
    }
    void expect_golden(const std::string& label) {
        const Edges edges{m_files, m_processes, m_environment, m_clock, m_http};
        const auto text = testing::run_cli(edges, {"doctor"});
        const auto json = testing::run_cli(edges, {"doctor", "--json"});
        EXPECT_EQ(text.exit_code, 0);
        EXPECT_EQ(text.err + json.err, "");
        const auto directory = test::golden_directory() / "doctor" / label;
        EXPECT_TRUE(test::matches_golden(directory / "expected.txt", text.out));
        EXPECT_TRUE(test::matches_golden(directory / "expected.json", json.out));
        for (const std::string& out : {text.out, json.out}) {
            EXPECT_EQ(out.find("password"), std::string::npos);
            EXPECT_EQ(out.find("index.internal"), std::string::npos);
        }
        EXPECT_TRUE(m_files.written.empty()) << "doctor writes nothing";
    }

    std::map<std::string, ProcessResult> m_answers;
    testing::MemoryFileSystem m_files;
    testing::FakeProcessRunner m_processes;
    testing::FakeEnvironment m_environment;
    testing::TickingClock m_clock;
    testing::FakeHttpClient m_http;
};

TEST_F(DoctorTest, AWholeMachine) {
    add_python("/usr/bin/python3", "3.12.1", "/v/torch", "/usr/bin/python3.12");
    m_processes.programs.insert("python3");
    add_python("/usr/bin/python3.12", "3.12.1");
    add_python("/usr/bin/python3.13t", "3.13.5");
    add_python("/home/user/.pyenv/versions/3.9.18/bin/python3", "3.9.18");
    m_files.files["/usr/bin/python3-config"] = "";
    m_files.files["/v/torch/version.py"] = "__version__ = '2.7.1+cu128'\ncuda: Optional[str] = '12.8'\n";
    m_files.files["/v/torch/lib/libc10.so"] = "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string";
    m_files.files["/home/user/.cache/sagebuild/toolchains/cuda-12.9.1-linux-x86_64-0123/x"] = "";
    m_files.files["/home/user/.cache/sagebuild/toolchains/zig-0.15.2-linux-x86_64-4567/x"] = "";
    m_processes.programs.insert({"nvidia-smi", "nvcc", "ninja", "uv", "docker"});
    answer("/usr/bin/nvidia-smi", "580.159.04, 9.0, NVIDIA H200\n");
    answer("/usr/bin/nvcc", "Cuda compilation tools, release 13.0, V13.0.88\n");
    answer("ninja --version", "1.11.1\n");
    answer("python3 -m pip --version", "pip 25.1 from /usr/lib/python3/dist-packages/pip (python 3.12)\n");
    answer("python3 -m pip index versions ziglang", "ziglang (0.15.2)\n");
    answer("uv --version", "uv 0.9.0\n");
    answer("docker version", "28.5.2 (linux/amd64)\n");
    answer("docker buildx version", "github.com/docker/buildx v0.19.3 48d6a39\n");
    answer("docker buildx inspect",
           "Name:          default\nDriver:        docker\n\nNodes:\nName:             default\nBuildKit version: v0.26.0\nPlatforms:      "
           "  linux/amd64, linux/386\n");
    m_environment.variables["GITHUB_TOKEN"] = "password";
    expect_golden("whole");
}

TEST_F(DoctorTest, ABareMachine) {
    m_environment.variables.erase("PATH");
    m_files.free_space = std::uint64_t{1} << 30;
    expect_golden("bare");
}

TEST_F(DoctorTest, NothingWorks) {
    m_processes.programs = {"python3", "nvidia-smi", "ninja", "docker", "uv"};
    m_files.files["/proc/driver/nvidia/version"] = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed\n";
    m_answers["/usr/bin/python3 -c PROBE"] = {.exit_code = 137, .stopped = true};
    m_answers["/usr/bin/nvidia-smi"] = {.exit_code = 137, .stopped = true};
    answer("uv --version", "uv 0.9.0\n");
    answer("docker buildx version", "github.com/docker/buildx v0.19.3 48d6a39\n");
    expect_golden("nothing_works");
}

TEST_F(DoctorTest, ATorchWithoutCudaAndAGpuWithoutCapability) {
    add_python("/usr/bin/python3", "3.12.1", "/v/torch");
    m_processes.programs.insert({"python3", "nvidia-smi", "docker"});
    m_files.files["/v/torch/version.py"] = "__version__ = '2.8.0+cpu'\ncuda: Optional[str] = None\n";
    answer("/usr/bin/nvidia-smi", "470.82.01, [N/A], Tesla K80\n");
    answer("docker version", "28.5.2 (linux/amd64)\n");
    expect_golden("odd");
}

}  // namespace
}  // namespace sagebuild
