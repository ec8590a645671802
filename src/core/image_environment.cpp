#include "core/image_environment.hpp"

#include <algorithm>
#include <optional>

#include "core/diagnostic.hpp"
#include "core/torch_package.hpp"

namespace sagebuild {

namespace {

std::string shown(std::string_view path) {
    return "`/" + printable(path, 120) + "`";
}

std::string variable(const ImageConfig& config, std::string_view name) {
    for (const std::string& entry : config.environment) {
        if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') return entry.substr(name.size() + 1);
    }
    return "";
}

/// `key = value` or `KEY="value"` at the start of a line.
std::string find_setting(std::string_view text, std::string_view key) {
    constexpr std::string_view trim = " \t\r\"'";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || line.substr(0, line.find_first_of(" \t=")) != key) continue;
        const std::string_view value = line.substr(equals + 1);
        const std::size_t begin = value.find_first_not_of(trim);
        if (begin == std::string_view::npos) return "";
        return std::string(value.substr(begin, value.find_last_not_of(trim) + 1 - begin));
    }
    return "";
}

std::optional<Version> version_behind(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    text = text.substr(at + mark.size());
    text = text.substr(0, text.find_first_not_of("0123456789."));
    while (text.ends_with('.')) text.remove_suffix(1);
    return parse_version(text);
}

/// A Python by its program's name: `python3.13t`.
struct PythonName {
    Version version;
    bool free_threaded = false;
};

std::optional<PythonName> parse_python_name(std::string_view name) {
    if (!name.starts_with("python")) return std::nullopt;
    name.remove_prefix(6);
    const bool free_threaded = name.ends_with('t');
    if (free_threaded) name.remove_suffix(1);
    const auto version = parse_version(name);
    return version && version->size() == 2 ? std::optional(PythonName{*version, free_threaded}) : std::nullopt;
}

std::string parent(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

struct Interpreter {
    std::string path;         ///< on PATH, `opt/venv/bin/python3`
    std::string prefix;       ///< `opt/venv`
    std::string base_prefix;  ///< where a virtual environment's Python is installed, else as `prefix`
    bool sees_base = true;    ///< a virtual environment may hide the packages of its base
    PythonName name;
};

class ImageReader {
  public:
    ImageReader(const ImageConfig& config, const ImageFiles& files) : m_config(config), m_files(files) {}

    ImageEnvironment run() {
        WheelEnvironment& environment = m_found.environment;
        environment.os = m_config.os;
        environment.arch = m_config.architecture == "amd64"   ? "x86_64"
                           : m_config.architecture == "arm64" ? "aarch64"
                                                              : m_config.architecture;
        if (environment.os->empty()) environment.os.reset();
        if (environment.arch->empty()) environment.arch.reset();
        for (const char* path : {"etc/os-release", "usr/lib/os-release"}) {
            const ImageFile* release = find_image_file(m_files, path);
            if (release != nullptr && m_found.system.empty()) m_found.system = find_setting(release->content, "PRETTY_NAME");
        }
        environment.glibc = find_glibc();
        environment.toolkit = find_toolkit();
        find_python_and_torch();
        return std::move(m_found);
    }

  private:
    void note(std::string text) { m_found.notes.push_back(std::move(text)); }

    /// By the sentence that glibc prints when it is run as a program, or the name it had before 2.34.
    std::optional<Version> find_glibc() {
        bool is_musl = false;
        for (const auto& [path, file] : m_files) {
            const std::string_view name = name_of(path);
            if (!path.starts_with("lib") && !path.starts_with("usr/lib")) continue;
            is_musl = is_musl || name.starts_with("ld-musl-");
            const bool is_old_name = name.starts_with("libc-2.") && name.ends_with(".so");
            if (is_old_name) return parse_version(name.substr(5, name.size() - 8));
            if (name != "libc.so.6" || file.kind != ImageFileKind::file) continue;
            const std::size_t banner = file.content.find("GNU C Library");
            if (banner == std::string::npos) continue;
            if (const auto version = version_behind(std::string_view(file.content).substr(banner, 400), "release version ")) return version;
        }
        note(is_musl ? "the C library is musl, and `manylinux` and `linux` wheels want glibc"
                     : "the version of the C library is not known: no `libc.so.6` states it");
        return std::nullopt;
    }

    std::optional<Version> find_toolkit() {
        if (const ImageFile* json = find_image_file(m_files, "usr/local/cuda/version.json")) {
            const std::size_t cuda = json->content.find("\"cuda\"");
            const std::size_t key = cuda == std::string::npos ? cuda : json->content.find("\"version\"", cuda);
            const std::size_t quote = key == std::string::npos ? key : json->content.find('"', key + 9);
            if (quote != std::string::npos) {
                if (const auto version = version_behind(std::string_view(json->content).substr(quote), "\"")) return version->prefix(2);
            }
        }
        if (const ImageFile* text = find_image_file(m_files, "usr/local/cuda/version.txt")) {
            if (const auto version = version_behind(text->content, "CUDA Version ")) return version->prefix(2);
        }
        const auto version = parse_version(variable(m_config, "CUDA_VERSION"));
        return version ? std::optional(version->prefix(2)) : std::nullopt;
    }

    std::optional<Interpreter> find_interpreter() {
        std::string search = variable(m_config, "PATH");
        if (search.empty()) search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        std::string_view rest = search;
        while (!rest.empty()) {
            const std::string directory(rest.substr(0, rest.find(':')));
            rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
            for (const char* program : {"/python3", "/python"}) {
                if (auto found = read_interpreter(directory + program)) return found;
            }
        }
        return std::nullopt;
    }

    std::optional<Interpreter> read_interpreter(const std::string& path) {
        const auto directory = resolve_image_path(m_files, parent(path));
        const auto target = resolve_image_path(m_files, path);
        if (!directory || !target || find_image_file(m_files, path) == nullptr) return std::nullopt;
        Interpreter found{.path = *directory + "/" + std::string(name_of(path)),
                          .prefix = parent(*directory),
                          .base_prefix = parent(parent(*target)),
                          .name = {}};
        auto name = parse_python_name(name_of(*target));
        if (!name) name = find_sibling(parent(*target));
        if (const ImageFile* settings = find_image_file(m_files, found.prefix + "/pyvenv.cfg")) {
            found.sees_base = find_setting(settings->content, "include-system-site-packages") == "true";
            for (const char* key : {"version", "version_info"}) {
                const auto version = version_behind("=" + find_setting(settings->content, key), "=");
                if (!name && version) name = PythonName{version->prefix(2)};
            }
        } else {
            found.prefix = found.base_prefix;
        }
        if (!name) {
            note("the version of " + shown(found.path) + " is not known");
            return std::nullopt;
        }
        found.name = *name;
        return found;
    }

    /// The only `python3.12` beside a `python3` that is no link.
    std::optional<PythonName> find_sibling(const std::string& directory) {
        std::optional<PythonName> found;
        for (auto at = m_files.lower_bound(directory + "/python"); at != m_files.end() && at->first.starts_with(directory + "/python");
             ++at) {
            const auto name = parse_python_name(name_of(at->first));
            if (!name || parent(at->first) != directory) continue;
            if (found && (found->version != name->version || found->free_threaded != name->free_threaded)) return std::nullopt;
            found = name;
        }
        return found;
    }

    /// Where an interpreter looks for packages (module `site`; Debian's `dist-packages`).
    std::vector<std::string> site_directories(const Interpreter& python) const {
        const std::string version = "python" + python.name.version.to_string() + (python.name.free_threaded ? "t" : "");
        std::vector<std::string> directories;
        const auto add_prefix = [&](const std::string& prefix) {
            const std::string start = prefix.empty() ? "" : prefix + "/";
            if (prefix == "usr") directories.push_back("usr/local/lib/" + version + "/dist-packages");
            for (const char* library : {"lib/", "lib64/"}) {
                for (const char* packages : {"/site-packages", "/dist-packages"})
                    directories.push_back(start + library + version + packages);
            }
            if (prefix == "usr") directories.emplace_back("usr/lib/python3/dist-packages");
        };
        add_prefix(python.prefix);
        if (python.sees_base) {
            directories.push_back("root/.local/lib/" + version + "/site-packages");
            if (python.base_prefix != python.prefix) add_prefix(python.base_prefix);
        }
        return directories;
    }

    /// Every torch with a Python in its path, `…/lib/python3.12/site-packages`; caches of uv, pip and conda hold copies that nothing
    /// imports.
    std::vector<std::string> all_torch_directories() const {
        std::vector<std::string> found;
        for (const auto& [path, file] : m_files) {
            if (!path.ends_with("/torch/version.py") || path.find("/pkgs/") != std::string::npos ||
                path.find(".cache/") != std::string::npos)
                continue;
            const std::string site = parent(parent(path));
            const bool is_site = name_of(site) == "site-packages" || name_of(site) == "dist-packages";
            if (is_site && parse_python_name(name_of(parent(site)))) found.push_back(site);
        }
        return found;
    }

    void find_python_and_torch() {
        const auto python = find_interpreter();
        if (python) {
            set_python(python->path, python->name);
            for (const std::string& site : site_directories(*python)) {
                const auto resolved = resolve_image_path(m_files, site);
                if (resolved && read_torch(*resolved)) return;
            }
        }
        const std::vector<std::string> others = all_torch_directories();
        if (others.empty()) {
            if (!python) note("no Python is found on the image's PATH");
            note("torch is not installed in the image");
        } else if (others.size() > 1) {
            std::string list;
            for (const std::string& site : others) list += (list.empty() ? "" : ", ") + shown(site);
            note((python ? "the image's Python has no torch, and several others have: "
                         : "no Python is on the image's PATH, and several have torch: ") +
                 list);
        } else {
            const auto name = parse_python_name(name_of(parent(others.front())));
            if (python && python->name.version != name->version)
                note("Python " + python->name.version.to_string() + " of the image's PATH has no torch; " + shown(others.front()) +
                     " counts, which has");
            set_python(others.front(), *name);
            read_torch(others.front());
        }
    }

    void set_python(const std::string& path, const PythonName& name) {
        m_found.python = "/" + path;
        m_found.environment.python = name.version;
        m_found.environment.free_threaded = name.free_threaded;
    }

    bool read_torch(const std::string& site) {
        const ImageFile* text = find_image_file(m_files, site + "/torch/version.py");
        if (text == nullptr) return false;
        const auto torch = parse_torch_version_file(text->content);
        if (!torch) {
            note(shown(site + "/torch") + " states no version");
            return true;
        }
        WheelEnvironment& environment = m_found.environment;
        environment.torch = torch->version;
        environment.torch_cuda = torch->cuda;
        environment.torch_is_cpu = !torch->cuda;
        if (const ImageFile* library = find_image_file(m_files, site + "/torch/lib/libc10.so"))
            environment.torch_cxx11_abi = find_cxx11_abi(library->content);
        if (!environment.torch_cxx11_abi) note("torch's C++ ABI is not known: its `libc10.so` does not show it");
        if (torch->rocm) note("torch " + printable(torch->full_version) + " is built for ROCm, not for CUDA");
        if (torch->is_prerelease) note("torch " + printable(torch->full_version) + " is a pre-release");
        return true;
    }

    const ImageConfig& m_config;
    const ImageFiles& m_files;
    ImageEnvironment m_found;
};

}  // namespace

ImageEnvironment find_image_environment(const ImageConfig& config, const ImageFiles& files) {
    return ImageReader(config, files).run();
}

}  // namespace sagebuild
