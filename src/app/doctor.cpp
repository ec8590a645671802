#include "app/doctor.hpp"

#include <algorithm>
#include <set>

#include "app/build_places.hpp"
#include "app/probe.hpp"
#include "core/diagnostic.hpp"

namespace sagebuild {

namespace {

constexpr ProcessLimits limits{.seconds = 20, .output_bytes = std::size_t{1} << 20};
constexpr ProcessLimits network_limits{.seconds = 60, .output_bytes = std::size_t{1} << 20};
constexpr std::size_t most_pythons = 20;
constexpr std::uint64_t wanted_bytes = std::uint64_t{5} << 30;

std::string first_line(std::string_view text) {
    while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
    return printable(text.substr(0, text.find('\n')), 120);
}

std::string bytes_text(std::uint64_t bytes) {
    return std::to_string(bytes >> 30) + " GiB";
}

/// `python3`, `python3.12`, `python3.13t`.
bool is_python_name(std::string_view name) {
    if (!name.starts_with("python3")) return false;
    name.remove_prefix(7);
    if (name.empty()) return true;
    if (name.ends_with('t')) name.remove_suffix(1);
    return name.size() > 1 && name.front() == '.' && name.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
}

class Doctor {
  public:
    explicit Doctor(const Edges& edges) : m_edges(edges) {}

    DoctorReport run() {
        examine_default_python();
        examine_other_pythons();
        examine_gpus();
        examine_toolkit();
        const bool has_ninja =
            examine_program("ninja", {"ninja", "--version"}, "local builds want it: `apt-get install ninja-build`, or `pip install ninja`");
        const bool has_index = examine_fetcher();
        const bool has_toolchains = examine_cache();
        m_report.builds_locally = has_ninja && (has_index || has_toolchains);
        examine_docker();
        examine_disk();
        examine_token();
        const WheelEnvironment& environment = m_report.environment;
        m_report.runs_kernels = environment.torch_cuda && environment.sm && !environment.sm->empty();
        return std::move(m_report);
    }

  private:
    void add(std::string subject, DoctorState state, std::string found, std::string advice = "") {
        m_report.checks.push_back({std::move(subject), state, std::move(found), std::move(advice)});
    }

    /// What a program prints, or nothing if it does not run to a good end.
    std::optional<std::string> ask(const std::vector<std::string>& arguments, const ProcessLimits& within = limits) {
        const auto ran = m_edges.processes.run({.arguments = arguments, .limits = within});
        if (!ran || ran->stopped || ran->exit_code != 0) return std::nullopt;
        return ran->output;
    }

    static std::string python_text(const PythonFacts& python) {
        return python.version.to_string() + (python.free_threaded ? " free-threaded" : "") + ", " + python.arch +
               (python.glibc ? ", glibc " + python.glibc->to_string() : "") + ": " + printable(python.executable, 200);
    }

    void examine_default_python() {
        const auto program = find_python("", m_edges);
        if (!program)
            return add("python", DoctorState::absent, "no `python3` on PATH",
                       "wheels are installed into one: `apt-get install python3 python3-venv`");
        m_python = *program;
        const PythonProbe probe = probe_python(m_python, m_edges);
        add_python_facts(probe, m_report.environment);
        if (!probe.python) {
            m_python.clear();
            return add("python", DoctorState::bad, probe.notes.front(), "reinstall it, or put another one first on PATH");
        }
        m_seen.insert(probe.python->installation);
        add("python", DoctorState::good, python_text(*probe.python));
        if (!probe.torch) {
            const bool is_absent = probe.python->torch_directory.empty();
            return add("torch", is_absent ? DoctorState::absent : DoctorState::bad, is_absent ? "none in this Python" : probe.notes.back(),
                       "row wheels and the universal wheel are used beside one: `pip install torch`");
        }
        const bool has_cuda = probe.torch->cuda.has_value();
        const std::string abi = probe.torch_cxx11_abi ? (*probe.torch_cxx11_abi ? ", C++11 ABI" : ", C++ ABI before C++11") : "";
        add("torch", has_cuda ? DoctorState::good : DoctorState::bad,
            printable(probe.torch->full_version, 60) + (has_cuda ? ", CUDA " + probe.torch->cuda->to_string() : ", without CUDA") + abi,
            has_cuda ? "" : "the kernels want a CUDA build of torch");
    }

    /// Of PATH and pyenv; what does not answer is passed over (pyenv's shims of versions that are not selected).
    void examine_other_pythons() {
        std::vector<std::string> places;
        const std::string path = m_edges.environment.variable("PATH").value_or("");
        std::string_view rest = path;
        while (!rest.empty()) {
            const std::string directory(rest.substr(0, rest.find(':')));
            rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
            const auto names = m_edges.files.list(directory);
            if (!names) continue;
            for (const std::string& name : *names) {
                if (is_python_name(name)) places.push_back(directory + "/" + name);
            }
        }
        const std::string home = m_edges.environment.variable("HOME").value_or("");
        const std::string versions = m_edges.environment.variable("PYENV_ROOT").value_or(home + "/.pyenv") + "/versions";
        if (const auto names = m_edges.files.list(versions)) {
            for (const std::string& name : *names) places.push_back(versions + "/" + name + "/bin/python3");
        }
        std::vector<PythonFacts> found;
        for (const std::string& place : places) {
            if (found.size() == most_pythons) break;
            if (m_edges.processes.find_program(place).empty()) continue;
            const auto answer = ask({place, "-c", std::string(python_probe_program())});
            const auto python = answer ? parse_python_probe(*answer) : std::nullopt;
            if (python && m_seen.insert(python->installation).second) found.push_back(*python);
        }
        std::stable_sort(found.begin(), found.end(),
                         [](const PythonFacts& left, const PythonFacts& right) { return left.version > right.version; });
        for (const PythonFacts& python : found) add("python", DoctorState::good, python_text(python));
    }

    void examine_gpus() {
        std::vector<std::string> notes;
        const DriverFacts facts = probe_driver(m_python, m_edges, notes);
        m_report.environment.driver = facts.driver;
        const std::string note = notes.empty() ? "" : notes.back();
        if (facts.driver) {
            add("driver", DoctorState::good, facts.driver->to_string());
        } else {
            add("driver", DoctorState::absent, note,
                "wheels are built without one; to run them install NVIDIA's driver, in a container start it with GPUs");
        }
        if (!facts.gpus) return;
        if (facts.gpus->empty()) add("gpu", DoctorState::absent, "the driver lists none");
        std::vector<Arch> archs;
        for (const GpuFacts& gpu : *facts.gpus) {
            add("gpu", gpu.arch ? DoctorState::good : DoctorState::bad,
                printable(gpu.name, 80) + (gpu.arch ? ", " + gpu.arch->to_string() : ", compute capability not known"));
            if (gpu.arch) archs.push_back(*gpu.arch);
        }
        if (archs.size() != facts.gpus->size()) return;
        std::sort(archs.begin(), archs.end());
        archs.erase(std::unique(archs.begin(), archs.end()), archs.end());
        m_report.environment.sm = std::move(archs);
    }

    void examine_toolkit() {
        m_report.environment.toolkit = probe_toolkit(m_edges);
        if (const auto& toolkit = m_report.environment.toolkit) return add("nvcc", DoctorState::good, "CUDA " + toolkit->to_string());
        add("nvcc", DoctorState::absent, "no CUDA toolkit; builds fetch their own compilers");
    }

    bool examine_program(const std::string& name, const std::vector<std::string>& command, const std::string& advice) {
        if (m_edges.processes.find_program(name).empty()) {
            add(name, DoctorState::absent, "not on PATH", advice);
            return false;
        }
        const auto answer = ask(command);
        add(name, answer ? DoctorState::good : DoctorState::bad, answer ? first_line(*answer) : "`" + command[0] + "` does not answer",
            answer ? "" : advice);
        return answer.has_value();
    }

    /// pip or uv, and the index that they are set up for: asked through them, so that index, proxy and certificates are the user's. Its
    /// name is not shown: it may hold a password.
    bool examine_fetcher() {
        const auto pip = ask({"python3", "-m", "pip", "--version", "--disable-pip-version-check"});
        const auto uv = m_edges.processes.find_program("uv").empty() ? std::nullopt : ask({"uv", "--version"});
        const std::string wanted = "`apt-get install python3-pip`, or uv";
        if (pip) {
            const std::string line = first_line(*pip);
            add("pip", DoctorState::good, line.substr(0, line.find(" from ")));
        } else {
            add("pip", DoctorState::absent, "`python3 -m pip` does not answer",
                uv ? "" : "one of pip and uv fetches toolchains: " + wanted);
        }
        if (uv) {
            add("uv", DoctorState::good, first_line(*uv));
        } else {
            add("uv", DoctorState::absent, "not on PATH");
        }
        if (!pip && !uv) {
            add("index", DoctorState::bad, "not asked: neither pip nor uv is here", "install one of them: " + wanted);
            return false;
        }
        const std::vector<std::string> command =
            pip ? std::vector<std::string>{"python3",   "-m", "pip", "index", "versions", "ziglang", "--disable-pip-version-check",
                                           "--no-input"}
                : std::vector<std::string>{
                      "uv",     "pip", "install", "--dry-run", "--no-deps", "--target", cache_directory(m_edges.environment) + "/doctor",
                      "ziglang"};
        const bool answers = ask(command, network_limits).has_value();
        if (answers) {
            add("index", DoctorState::good, "the package index answers " + std::string(pip ? "pip" : "uv"));
        } else {
            add("index", DoctorState::bad, "the package index does not answer " + std::string(pip ? "pip" : "uv"),
                "`" + std::string(pip ? "python3 -m pip download --no-deps ziglang" : "uv pip install --dry-run --target x ziglang") +
                    "` says why; look at proxy and certificates");
        }
        return answers;
    }

    bool examine_cache() {
        const auto names = m_edges.files.list(cache_directory(m_edges.environment) + "/toolchains");
        std::set<std::string> toolchains;
        for (const std::string& name : names ? *names : std::vector<std::string>{}) {
            // `cuda-12.9.1-linux-x86_64-KEY`
            if (const std::size_t end = name.find("-linux-"); end != std::string::npos)
                toolchains.insert(printable(name.substr(0, end), 40));
        }
        std::string list;
        for (const std::string& name : toolchains) list += (list.empty() ? "" : ", ") + name;
        add("toolchains", toolchains.empty() ? DoctorState::absent : DoctorState::good,
            toolchains.empty() ? "none in the cache" : "in the cache: " + list,
            toolchains.empty() ? "the first build fetches them, about 500 MB" : "");
        return !toolchains.empty();
    }

    void examine_docker() {
        if (m_edges.processes.find_program("docker").empty()) {
            return add("docker", DoctorState::absent, "not on PATH", "only builds in containers want it; local builds do not");
        }
        const auto server = ask({"docker", "version", "--format", "{{.Server.Version}} ({{.Server.Os}}/{{.Server.Arch}})"});
        if (server) {
            add("docker", DoctorState::good, "engine " + first_line(*server));
        } else {
            add("docker", DoctorState::bad, "no engine answers", "start it, set DOCKER_HOST, or join its group; local builds go without");
        }
        const auto buildx = ask({"docker", "buildx", "version"});
        if (!buildx)
            return add("buildx", DoctorState::absent, "`docker buildx` does not answer",
                       "builds in containers want it: `apt-get install docker-buildx`");
        // `github.com/docker/buildx v0.19.3 COMMIT`
        const std::string line = first_line(*buildx);
        const std::size_t begin = line.find(' ');
        std::string found = begin == std::string::npos ? line : line.substr(begin + 1, line.find(' ', begin + 1) - begin - 1);
        const auto builder = server ? ask({"docker", "buildx", "inspect"}) : std::nullopt;
        if (builder) found += builder_text(*builder);
        add("buildx", builder ? DoctorState::good : DoctorState::bad, found, builder ? "" : "its builder needs an engine that answers");
        m_report.builds_in_containers = server && builder;
    }

    /// `Driver:`, `BuildKit version:` and `Platforms:` of `docker buildx inspect`.
    static std::string builder_text(std::string_view text) {
        std::string out;
        for (const std::string_view key : {"Driver:", "BuildKit version:", "Platforms:"}) {
            const std::size_t at = text.find("\n" + std::string(key));
            if (at == std::string_view::npos) continue;
            std::string_view value = text.substr(at + 1 + key.size());
            value = value.substr(0, value.find('\n'));
            value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
            out += key == "Driver:" ? ", driver " : key == "Platforms:" ? ", for " : ", BuildKit ";
            out += printable(value, 120);
        }
        return out;
    }

    void examine_disk() {
        const auto free = m_edges.files.free_bytes(cache_directory(m_edges.environment));
        if (!free) return add("disk", DoctorState::bad, "the space of the cache directory is not known");
        const bool is_enough = *free >= wanted_bytes;
        add("disk", is_enough ? DoctorState::good : DoctorState::bad, bytes_text(*free) + " free where the cache is",
            is_enough ? "" : "toolchains and builds take a few GiB");
    }

    void examine_token() {
        for (const char* name : {"GITHUB_TOKEN", "GH_TOKEN"}) {
            const auto value = m_edges.environment.variable(name);
            if (value && !value->empty()) return add("token", DoctorState::good, std::string(name) + " is set");
        }
        add("token", DoctorState::absent, "neither GITHUB_TOKEN nor GH_TOKEN is set", "only private releases and uploads want one");
    }

    const Edges& m_edges;
    DoctorReport m_report;
    std::string m_python;  ///< the default one, empty if it does not work
    std::set<std::string> m_seen;
};

}  // namespace

DoctorReport examine_machine(const Edges& edges) {
    return Doctor(edges).run();
}

}  // namespace sagebuild
