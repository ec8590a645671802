#include "app/probe.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

/// A driver that is being loaded answers after a few seconds; one that hangs never does.
constexpr ProcessLimits driver_limits{.seconds = 15, .output_bytes = std::size_t{1} << 20};

std::string first_line(std::string_view text) {
    while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
    return printable(text.substr(0, text.find('\n')), 200);
}

std::string find_nvidia_smi(const Edges& edges) {
    for (const char* place : {"nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"}) {  // WSL has it outside PATH
        if (const std::string found = edges.processes.find_program(place); !found.empty()) return found;
    }
    return "";
}

DriverFacts ask_nvidia_smi(const std::string& program, const Edges& edges, std::vector<std::string>& notes) {
    const auto ran = edges.processes.run(
        {.arguments = {program, "--query-gpu=driver_version,compute_cap,name", "--format=csv,noheader"}, .limits = driver_limits});
    if (!ran) {
        notes.push_back("`nvidia-smi` cannot be started");
        return {};
    }
    if (ran->stopped) {
        notes.push_back("`nvidia-smi` did not answer within " + std::to_string(static_cast<int>(driver_limits.seconds)) +
                        " s and was stopped");
        return {};
    }
    if (ran->output.find("No devices were found") != std::string::npos)
        return {.driver = {}, .gpus = std::vector<GpuFacts>{}, .problem = {}};
    if (ran->exit_code == 0) {
        if (auto facts = parse_nvidia_smi(ran->output)) return *std::move(facts);
    }
    notes.push_back("`nvidia-smi` says: " + first_line(ran->output.empty() ? ran->error_output : ran->output));
    return {};
}

/// What libcuda says, through an interpreter: a hanging driver then hangs a program that can be ended.
DriverFacts ask_libcuda(const std::string& python, const Edges& edges, std::vector<std::string>& notes) {
    if (python.empty()) return {.driver = {}, .gpus = {}, .problem = "no Python that could ask libcuda.so.1"};
    const auto ran = edges.processes.run({.arguments = {python, "-c", std::string(driver_probe_program())}, .limits = driver_limits});
    if (ran && ran->stopped) {
        notes.push_back("libcuda.so.1 did not answer within " + std::to_string(static_cast<int>(driver_limits.seconds)) + " s");
        return {};
    }
    if (!ran || ran->exit_code != 0) return {.driver = {}, .gpus = {}, .problem = "libcuda.so.1 cannot be asked"};
    return parse_driver_probe(ran->output).value_or(DriverFacts{.driver = {}, .gpus = {}, .problem = "libcuda.so.1 cannot be asked"});
}

void add_driver_facts(const DriverFacts& facts, ProbeReport& report) {
    report.environment.driver = facts.driver;
    if (!facts.gpus) return;
    report.gpus = *facts.gpus;
    std::vector<Arch> archs;
    for (const GpuFacts& gpu : *facts.gpus) {
        if (!gpu.arch) {
            report.notes.push_back("the compute capability of `" + printable(gpu.name, 80) + "` is not known");
            return;
        }
        archs.push_back(*gpu.arch);
    }
    std::sort(archs.begin(), archs.end());
    archs.erase(std::unique(archs.begin(), archs.end()), archs.end());
    report.environment.sm = std::move(archs);
}

}  // namespace

Result<std::string> find_python(const std::string& asked, const Edges& edges) {
    if (!asked.empty()) {
        for (const std::string& place : {asked + "/bin/python", asked}) {
            if (place == asked && edges.files.is_directory(asked)) continue;
            if (const std::string found = edges.processes.find_program(place); !found.empty()) return found;
        }
        return Diagnostic{.code = "SB0560",
                          .what = "`" + printable(asked) + "` is neither a Python interpreter nor a virtual environment",
                          .hints = {"name a program such as `python3.12`, or the directory that `python -m venv` made"}};
    }
    if (const auto active = edges.environment.variable("VIRTUAL_ENV"); active && !active->empty()) {
        if (const std::string found = edges.processes.find_program(*active + "/bin/python"); !found.empty()) return found;
    }
    for (const char* name : {"python3", "python"}) {
        if (const std::string found = edges.processes.find_program(name); !found.empty()) return found;
    }
    return Diagnostic{.code = "SB0560",
                      .what = "no Python is found: no active virtual environment, no `python3` and no `python` on PATH",
                      .hints = {"name the interpreter"}};
}

DriverFacts probe_driver(const std::string& python, const Edges& edges, std::vector<std::string>& notes) {
    DriverFacts facts;
    const std::string program = find_nvidia_smi(edges);
    if (!program.empty()) facts = ask_nvidia_smi(program, edges, notes);
    if (!facts.driver) {
        if (const auto text = edges.files.read("/proc/driver/nvidia/version", std::size_t{1} << 16))
            facts.driver = parse_kernel_module_version(*text);
    }
    if (!facts.driver || !facts.gpus) {
        DriverFacts asked = ask_libcuda(python, edges, notes);
        if (!facts.driver) facts.driver = asked.driver;
        if (!facts.gpus) {
            facts.gpus = std::move(asked.gpus);
            facts.problem = std::move(asked.problem);
        }
    }
    if (facts.gpus) return facts;
    if (!facts.driver && program.empty()) {
        notes.push_back("no NVIDIA driver answers here: `nvidia-smi` is not on PATH and " +
                        (facts.problem.empty() ? "libcuda.so.1 lists no GPU" : printable(facts.problem, 120)));
    } else {
        notes.push_back("the GPUs are not known" + (facts.problem.empty() ? "" : ": " + printable(facts.problem, 120)));
    }
    return facts;
}

std::optional<Version> probe_toolkit(const Edges& edges) {
    std::vector<std::string> places = {"nvcc"};
    for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
        if (const auto directory = edges.environment.variable(name); directory && !directory->empty())
            places.push_back(*directory + "/bin/nvcc");
    }
    places.emplace_back("/usr/local/cuda/bin/nvcc");
    for (const std::string& place : places) {
        const std::string program = edges.processes.find_program(place);
        if (program.empty()) continue;
        const auto ran = edges.processes.run({.arguments = {program, "--version"}, .limits = driver_limits});
        if (!ran || ran->exit_code != 0) continue;
        if (const auto version = parse_nvcc_version(ran->output)) return version;
    }
    return std::nullopt;
}

Result<ProbeReport> probe_environment(const std::string& asked, const Edges& edges) {
    SAGEBUILD_TRY(const std::string program, find_python(asked, edges));
    PythonProbe python = probe_python(program, edges);
    ProbeReport report{.environment = {}, .python = program, .gpus = {}, .notes = std::move(python.notes)};
    add_python_facts(python, report.environment);
    add_driver_facts(probe_driver(python.python ? program : "", edges, report.notes), report);
    report.environment.toolkit = probe_toolkit(edges);
    return report;
}

}  // namespace sagebuild
