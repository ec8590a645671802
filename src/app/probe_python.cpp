#include "app/probe_python.hpp"

namespace sagebuild {

namespace {

constexpr ProcessLimits probe_limits{.seconds = 30, .output_bytes = std::size_t{1} << 20};
constexpr std::size_t largest_version_file = std::size_t{64} << 10;
constexpr std::size_t largest_library = std::size_t{64} << 20;

std::string last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return printable(text.substr(text.rfind('\n') + 1), 200);
}

/// Why an interpreter is of no use, empty if it is.
std::string explain_failure(const Result<ProcessResult>& ran) {
    if (!ran) return ran.errors().front().causes.empty() ? "it cannot be started" : ran.errors().front().causes.front();
    if (ran->stopped) return "it did not answer within " + std::to_string(static_cast<int>(probe_limits.seconds)) + " s and was stopped";
    if (ran->exit_code != 0) {
        const std::string said = last_line(ran->error_output);
        return "it ended with exit code " + std::to_string(ran->exit_code) + (said.empty() ? "" : ": " + said);
    }
    return "";
}

void read_torch(PythonProbe& probe, const Edges& edges) {
    const std::string& directory = probe.python->torch_directory;
    if (directory.empty()) {
        probe.notes.push_back("torch is not installed for `" + printable(probe.program) + "`");
        return;
    }
    const auto text = edges.files.read(directory + "/version.py", largest_version_file);
    if (text) probe.torch = parse_torch_version_file(*text);
    if (!probe.torch) {
        probe.notes.push_back("`" + printable(directory) + "` is found as torch, but states no version");
        return;
    }
    if (const auto library = edges.files.read(directory + "/lib/libc10.so", largest_library))
        probe.torch_cxx11_abi = find_cxx11_abi(*library);
    if (!probe.torch_cxx11_abi) probe.notes.push_back("torch's C++ ABI is not known: its `libc10.so` does not show it");
    if (probe.torch->rocm) probe.notes.push_back("torch " + printable(probe.torch->full_version) + " is built for ROCm, not for CUDA");
    if (probe.torch->is_prerelease) probe.notes.push_back("torch " + printable(probe.torch->full_version) + " is a pre-release");
}

}  // namespace

PythonProbe probe_python(const std::string& program, const Edges& edges) {
    PythonProbe probe{.program = program, .python = {}, .torch = {}, .torch_cxx11_abi = {}, .notes = {}};
    const auto ran = edges.processes.run({.arguments = {program, "-c", std::string(python_probe_program())}, .limits = probe_limits});
    std::string failure = explain_failure(ran);
    if (failure.empty()) {
        probe.python = parse_python_probe(ran->output);
        if (!probe.python) failure = "it does not answer like a Python";
    }
    if (!probe.python) {
        probe.notes.push_back("`" + printable(program) + "` is no working Python: " + failure);
        return probe;
    }
    if (probe.python->implementation != "cpython")
        probe.notes.push_back("`" + printable(program) + "` is " + printable(probe.python->implementation, 40) +
                              ", and wheels with kernels are for CPython");
    if (probe.python->os == "linux" && !probe.python->glibc)
        probe.notes.push_back("the C library is not glibc, and `manylinux` and `linux` wheels want it");
    read_torch(probe, edges);
    return probe;
}

void add_python_facts(const PythonProbe& probe, WheelEnvironment& environment) {
    if (const auto& python = probe.python) {
        environment.python = python->version.prefix(2);
        environment.free_threaded = python->free_threaded;
        if (!python->os.empty()) environment.os = python->os;
        if (!python->arch.empty()) environment.arch = python->arch;
        environment.glibc = python->glibc;
    }
    if (const auto& torch = probe.torch) {
        environment.torch = torch->version;
        environment.torch_cuda = torch->cuda;
        environment.torch_is_cpu = !torch->cuda;
        environment.torch_cxx11_abi = probe.torch_cxx11_abi;
    }
}

}  // namespace sagebuild
