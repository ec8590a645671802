#include "app/dockerfile_environment.hpp"

#include <algorithm>
#include <array>

#include "core/torch_requirement.hpp"
#include "text/pip_arguments.hpp"
#include "text/requirement_line.hpp"

namespace sagebuild {

namespace {

/// How sure a Python is the one that runs the wheel: what a tool is told outranks what the image brings, that what apt adds.
enum class PythonSource { none, system_package, image, named };

constexpr std::array<std::string_view, 6> python_packages = {"python3",     "python3-pip",     "python3-venv",
                                                             "python3-dev", "python3-minimal", "python3-full"};

class EnvironmentReader {
  public:
    EnvironmentReader(const std::vector<DockerfileStage>& stages, const Compat& compat) : m_stages(stages), m_compat(compat) {
        m_out.environment.os = "linux";
    }

    DockerfileEnvironment read(std::size_t index) {
        read_stage(m_stages[index]);
        finish_torch();
        if (!environment().python) note("Python is not known: nothing in the file names its version");
        return std::move(m_out);
    }

  private:
    WheelEnvironment& environment() { return m_out.environment; }
    void note(std::string text) {
        if (std::find(m_out.notes.begin(), m_out.notes.end(), text) == m_out.notes.end()) m_out.notes.push_back(std::move(text));
    }

    void read_stage(const DockerfileStage& stage) {
        if (stage.base_stage >= 0) {
            read_stage(m_stages[static_cast<std::size_t>(stage.base_stage)]);
        } else {
            read_base(stage.base);
        }
        read_platform(stage.platform);
        for (const DockerfileStep& step : stage.steps) {
            for (const auto& command : step.commands) read_command(command);
        }
        read_variables(stage.variables);
    }

    void read_platform(const ShellWord& platform) {
        const std::string& text = platform.text.text();
        if (text.empty()) return;
        if (!platform.is_complete) return note("the CPU is not known: `--platform=" + text + "` depends on the builder");
        if (text == "linux/amd64" || text == "linux/amd64/v1") environment().arch = "x86_64";
        if (text == "linux/arm64" || text == "linux/arm64/v8") environment().arch = "aarch64";
    }

    void read_base(const ShellWord& base) {
        const std::string& name = base.text.text();
        if (!base.is_complete) return note("base image `" + name + "` is not known: it depends on build arguments");
        if (name == "scratch") return;
        const BaseImageFacts facts = read_base_image(parse_image_reference(name), m_compat.base_images);
        if (!facts.known) return note("base image `" + name + "` is not known: its Python, glibc, torch and CUDA are not");
        if (facts.system != nullptr) {
            environment().glibc = facts.system->glibc;
            m_system = facts.system;
            if (facts.system_moves) note("`" + name + "` names no release of its system, which is taken for " + facts.system->name);
        } else {
            note("glibc is not known: the tag of `" + name + "` does not say its system");
        }
        if (facts.python) set_python(facts.python->to_string(), PythonSource::image);
        environment().toolkit = facts.toolkit;
        if (facts.torch) {
            m_torch = facts.torch;
            m_build = TorchBuild{facts.torch_cuda, false};
            if (!facts.torch_cuda) m_build.reset();
            // The image of a torch brings its Python, whatever apt adds.
            if (!facts.python) m_python_source = PythonSource::image;
        }
    }

    /// `3.12`, `3.12.4`, `3.13t`, `cpython-3.12`, `>=3.12`: only what names one minor is taken.
    void set_python(std::string_view text, PythonSource source) {
        if (source < m_python_source) return;
        for (const std::string_view prefix : {"cpython", "python", "cp", "-", "@", "==", "="}) {
            if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
        }
        const bool is_free_threaded = text.ends_with("t");
        if (is_free_threaded) text.remove_suffix(1);
        const auto version = parse_version(text.substr(0, text.find('+')));
        if (!version || version->size() < 2 || version->part(0) != 3) return;
        environment().python = version->prefix(2);
        environment().free_threaded = is_free_threaded;
        m_python_source = source;
    }

    void read_command(const std::vector<ShellWord>& command) {
        std::vector<std::string> words;
        for (const ShellWord& word : command) words.push_back(word.is_complete ? word.text.text() : "");
        for (const std::string& word : words) {
            if (const std::string version = python_of_program(word); !version.empty()) {
                const bool is_package = std::find(words.begin(), words.end(), "apt-get") != words.end() ||
                                        std::find(words.begin(), words.end(), "apt") != words.end();
                if (!is_package) set_python(version, PythonSource::named);
            }
        }
        read_packages(words);
        read_python_tools(words);
        if (const auto arguments = find_pip_install(command)) read_install(*arguments);
    }

    /// `apt-get install python3.12 python3.12-venv`, `apt-get install python3-pip`; dnf and the like.
    void read_packages(const std::vector<std::string>& words) {
        const bool installs = std::find(words.begin(), words.end(), "install") != words.end();
        const bool is_manager = std::any_of(words.begin(), words.end(), [](const std::string& word) {
            return word == "apt-get" || word == "apt" || word == "dnf" || word == "yum" || word == "microdnf";
        });
        if (!installs || !is_manager) return;
        for (const std::string& word : words) {
            if (word.starts_with("python3.")) {
                const std::size_t end = word.find_first_not_of("0123456789", 8);
                set_python(word.substr(6, end == std::string::npos ? end : end - 6), PythonSource::system_package);
                m_names_python_package = true;
            }
        }
        const bool is_default = std::any_of(words.begin(), words.end(), [](const std::string& word) {
            return std::find(python_packages.begin(), python_packages.end(), word) != python_packages.end();
        });
        if (is_default && !m_names_python_package && m_system != nullptr && m_system->python)
            set_python(m_system->python->to_string(), PythonSource::system_package);
    }

    /// `uv venv --python 3.12`, `uv python install 3.12`, `conda create -n x python=3.11`.
    void read_python_tools(const std::vector<std::string>& words) {
        const auto has = [&](std::string_view name) {
            return std::any_of(words.begin(), words.end(),
                               [&](const std::string& word) { return std::string_view(word).substr(word.rfind('/') + 1) == name; });
        };
        if (has("uv")) {
            for (std::size_t index = 0; index < words.size(); ++index) {
                const std::string& word = words[index];
                const bool takes_next = word == "--python" || word == "-p" ||
                                        (index > 0 && words[index - 1] == "python" && (word == "install" || word == "pin"));
                if (takes_next && index + 1 < words.size()) set_python(words[index + 1], PythonSource::named);
                if (word.starts_with("--python=")) set_python(std::string_view(word).substr(9), PythonSource::named);
            }
        }
        if (has("conda") || has("mamba") || has("micromamba")) {
            for (const std::string& word : words) {
                if (word.starts_with("python=")) set_python(std::string_view(word).substr(6), PythonSource::named);
            }
        }
    }

    void read_install(const PipArguments& arguments) {
        if (arguments.python && arguments.python->is_complete) set_python(arguments.python->text.text(), PythonSource::named);
        std::optional<TorchBuild> index;
        for (const PipIndex& entry : arguments.indexes) {
            if (const auto build = build_of_index(entry.url.text.text()); build && entry.url.is_complete) index = build;
        }
        if (arguments.torch_backend) index = parse_torch_build(arguments.torch_backend->text.text());
        for (const ShellWord& word : arguments.requirements) {
            const auto requirement = parse_requirement(word.text, "");
            const bool is_read = requirement.fault.empty() || !word.is_complete;
            if (!is_read || requirement.stated.distribution != "torch") continue;
            set_torch(word, requirement.stated.specifier, index);
        }
        for (const PipFile& file : arguments.files) {
            if (!file.is_constraint) note("what `" + file.path.text.text() + "` installs is not known: it is another file");
        }
    }

    void set_torch(const ShellWord& word, const std::string& specifier, const std::optional<TorchBuild>& index) {
        const auto pin = word.is_complete ? parse_torch_pin(specifier) : std::nullopt;
        if (!pin) {
            if (m_torch) return;  // an image's torch is kept by pip if it satisfies the range
            note("torch's version is not known: `" + word.text.text() + "` leaves it open");
            m_index = index;
            return;
        }
        m_torch = pin->version;
        m_build = pin->build ? pin->build : index;
        m_is_installed = true;
    }

    /// `PIP_INDEX_URL`, `UV_TORCH_BACKEND` and the like stand for what the commands do not say themselves.
    void read_variables(const Variables& variables) {
        for (const auto& [name, value] : variables) {
            if (!value) continue;
            if (name == "UV_PYTHON") set_python(*value, PythonSource::named);
            if (name == "UV_TORCH_BACKEND") m_index = parse_torch_build(*value);
            const bool is_index = name == "PIP_INDEX_URL" || name == "PIP_EXTRA_INDEX_URL" || name == "UV_INDEX_URL" ||
                                  name == "UV_EXTRA_INDEX_URL" || name == "UV_INDEX" || name == "UV_DEFAULT_INDEX";
            if (is_index && !m_index) m_index = build_of_index(*value);
        }
    }

    void finish_torch() {
        if (!m_build) m_build = m_index;
        environment().torch = m_torch;
        if (m_build) {
            environment().torch_cuda = m_build->cuda;
            environment().torch_is_cpu = m_build->is_cpu;
        } else if (m_torch && m_is_installed) {
            set_pypi_cuda();
        }
        if (!m_torch) note("torch is not known: the file installs none with a version");
    }

    /// Without an index of torch's own, PyPI's wheel is installed.
    void set_pypi_cuda() {
        const TorchRelease* release = m_compat.find_torch(*m_torch);
        const bool is_arm = environment().arch == "aarch64";
        const auto cuda = release == nullptr ? std::nullopt : is_arm ? release->pypi_cuda_aarch64 : release->pypi_cuda;
        if (!cuda) return note("torch's CUDA is not known: no index says it");
        environment().torch_cuda = cuda;
        note("torch " + m_torch->to_string() + " of PyPI is CUDA " + cuda->to_string());
    }

    const std::vector<DockerfileStage>& m_stages;
    const Compat& m_compat;
    DockerfileEnvironment m_out;
    const BaseSystem* m_system = nullptr;
    PythonSource m_python_source = PythonSource::none;
    bool m_names_python_package = false;
    std::optional<Version> m_torch;
    std::optional<TorchBuild> m_build;
    std::optional<TorchBuild> m_index;
    bool m_is_installed = false;
};

}  // namespace

DockerfileEnvironment read_dockerfile_environment(const std::vector<DockerfileStage>& stages, std::size_t stage, const Compat& compat) {
    return EnvironmentReader(stages, compat).read(stage);
}

void complete_environment(WheelEnvironment& environment, const WheelEnvironment& known) {
    const bool knows_build = environment.torch_cuda || environment.torch_is_cpu;
    if (!environment.torch && !knows_build) {
        environment.torch = known.torch;
        environment.torch_cuda = known.torch_cuda;
        environment.torch_is_cpu = known.torch_is_cpu;
    }
    if (!environment.python) {
        environment.python = known.python;
        environment.free_threaded = known.free_threaded;
    }
    if (!environment.toolkit) environment.toolkit = known.toolkit;
    if (!environment.os) environment.os = known.os;
    if (!environment.arch) environment.arch = known.arch;
    if (!environment.glibc) environment.glibc = known.glibc;
}

Result<DockerfileEnvironment> load_dockerfile_environment(const Edges& edges, const Compat& compat, const std::string& path,
                                                          const DockerfileRequest& request) {
    SAGEBUILD_TRY(const std::string bytes, edges.files.read(path, DockerfileLimits::file_bytes));
    SAGEBUILD_TRY(const DockerfileDocument document, parse_dockerfile(bytes, path));
    SAGEBUILD_TRY(const std::vector<DockerfileStage> stages, resolve_dockerfile(document, request.build_arguments));
    SAGEBUILD_TRY(const std::size_t stage, find_dockerfile_stage(document, stages, request.stage));
    return read_dockerfile_environment(stages, stage, compat);
}

}  // namespace sagebuild
