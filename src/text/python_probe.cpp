#include "text/python_probe.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

namespace {

using Json = nlohmann::json;

constexpr std::string_view mark = "sagebuild-probe ";

/// The JSON behind the last line that begins with the mark: a sitecustomize may print before it, an atexit hook behind it.
std::optional<Json> find_marked(std::string_view output) {
    const std::size_t at = output.rfind(mark);
    if (at == std::string_view::npos || (at > 0 && output[at - 1] != '\n')) return std::nullopt;
    output.remove_prefix(at + mark.size());
    Json json = Json::parse(output.substr(0, output.find('\n')), nullptr, false);
    return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

/// First version-like word behind `before`.
std::string_view word_behind(std::string_view text, std::string_view before) {
    const std::size_t at = text.find(before);
    if (at == std::string_view::npos) return {};
    text = text.substr(at + before.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_first_not_of("0123456789."));
}

}  // namespace

std::string_view python_probe_program() {
    // The first entry of sys.path is the working directory: files there must not stand in for modules.
    return R"python(import sys
sys.path[:] = [path for path in sys.path if path not in ("", ".")]
import json, os, platform, sysconfig

def attempt(function):
    try:
        return function()
    except Exception:
        return None

def find_torch():
    from importlib.util import find_spec
    spec = find_spec("torch")
    return os.path.dirname(os.path.abspath(spec.origin)) if spec and spec.origin else None

def find_glibc():
    name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
    return version if name == "glibc" else None

def find_installation():
    is_virtual = sys.prefix != getattr(sys, "base_prefix", sys.prefix)
    return sys.executable if is_virtual else os.path.realpath(sys.executable)

systems = {"win32": "windows", "darwin": "macos"}
print("\nsagebuild-probe " + json.dumps({
    "executable": sys.executable,
    "installation": attempt(find_installation),
    "implementation": platform.python_implementation().lower(),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "free_threaded": bool(attempt(lambda: sysconfig.get_config_var("Py_GIL_DISABLED"))),
    "os": systems.get(sys.platform, "linux" if sys.platform.startswith("linux") else sys.platform),
    "arch": attempt(lambda: sysconfig.get_platform().split("-")[-1]),
    "glibc": attempt(find_glibc),
    "torch": attempt(find_torch),
}))
)python";
}

std::string_view driver_probe_program() {
    // CUDA driver API: cuInit 100 is CUDA_ERROR_NO_DEVICE; attributes 75 and 76 are the compute capability.
    return R"python(import sys
sys.path[:] = [path for path in sys.path if path not in ("", ".")]
import ctypes, json

def load(name):
    for path in (name, "/usr/lib/wsl/lib/" + name):
        try:
            return ctypes.CDLL(path)
        except OSError:
            pass

def list_gpus(cuda):
    count, device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    name = ctypes.create_string_buffer(256)
    if cuda.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return None
    gpus = []
    for index in range(count.value):
        codes = (cuda.cuDeviceGet(ctypes.byref(device), index), cuda.cuDeviceGetName(name, 256, device),
                 cuda.cuDeviceGetAttribute(ctypes.byref(major), 75, device), cuda.cuDeviceGetAttribute(ctypes.byref(minor), 76, device))
        if any(codes):
            return None
        gpus.append({"name": name.value.decode("utf-8", "replace"), "arch": "%d.%d" % (major.value, minor.value)})
    return gpus

found = {"driver": None, "gpus": None, "problem": ""}
cuda, nvml = load("libcuda.so.1"), load("libnvidia-ml.so.1")
if nvml is not None and nvml.nvmlInit_v2() == 0:
    version = ctypes.create_string_buffer(96)
    if nvml.nvmlSystemGetDriverVersion(version, 96) == 0:
        found["driver"] = version.value.decode("ascii", "replace")
if cuda is None:
    found["problem"] = "libcuda.so.1 is not found"
else:
    code = cuda.cuInit(0)
    if code == 100:
        found["gpus"] = []
    elif code != 0:
        found["problem"] = "cuInit of libcuda.so.1 fails with %d" % code
    else:
        found["gpus"] = list_gpus(cuda)
print("\nsagebuild-probe " + json.dumps(found))
)python";
}

std::optional<PythonFacts> parse_python_probe(std::string_view output) {
    const auto json = find_marked(output);
    if (!json) return std::nullopt;
    const auto version = parse_version(text_at(*json, "version"));
    if (!version || version->size() != 3) return std::nullopt;
    const auto free_threaded = json->find("free_threaded");
    return PythonFacts{.executable = text_at(*json, "executable"),
                       .installation = text_at(*json, "installation"),
                       .implementation = text_at(*json, "implementation"),
                       .version = *version,
                       .free_threaded = free_threaded != json->end() && free_threaded->is_boolean() && free_threaded->get<bool>(),
                       .os = text_at(*json, "os"),
                       .arch = text_at(*json, "arch"),
                       .glibc = parse_version(text_at(*json, "glibc")),
                       .torch_directory = text_at(*json, "torch")};
}

std::optional<DriverFacts> parse_driver_probe(std::string_view output) {
    const auto json = find_marked(output);
    if (!json) return std::nullopt;
    DriverFacts facts{.driver = parse_driver_version(text_at(*json, "driver")), .gpus = {}, .problem = text_at(*json, "problem")};
    const auto gpus = json->find("gpus");
    if (gpus == json->end() || !gpus->is_array()) return facts;
    facts.gpus.emplace();
    for (const Json& gpu : *gpus) {
        if (!gpu.is_object()) return std::nullopt;
        facts.gpus->push_back({text_at(gpu, "name"), parse_arch(text_at(gpu, "arch"))});
    }
    return facts;
}

std::optional<DriverFacts> parse_nvidia_smi(std::string_view output) {
    DriverFacts facts;
    facts.gpus.emplace();
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::string_view line = trimmed(output.substr(0, end));
        output.remove_prefix(std::min(end + 1, output.size()));
        if (line.empty()) continue;
        const std::size_t first = line.find(','), second = first == std::string_view::npos ? first : line.find(',', first + 1);
        if (second == std::string_view::npos) return std::nullopt;
        const auto driver = parse_driver_version(trimmed(line.substr(0, first)));
        if (!driver) return std::nullopt;
        facts.driver = driver;
        facts.gpus->push_back(
            {std::string(trimmed(line.substr(second + 1))), parse_arch(trimmed(line.substr(first + 1, second - first - 1)))});
    }
    return facts.driver ? std::optional(facts) : std::nullopt;
}

std::optional<DriverVersion> parse_kernel_module_version(std::string_view text) {
    // `Kernel Module  570.124.06  Thu ...`, and since the open module `Kernel Module for x86_64  580.95.05  Release Build`
    for (const std::string_view before : {"Kernel Module  ", "Kernel Module for x86_64  ", "Kernel Module for aarch64  "}) {
        if (const auto version = parse_driver_version(word_behind(text, before))) return version;
    }
    return std::nullopt;
}

std::optional<Version> parse_nvcc_version(std::string_view output) {
    return parse_version(word_behind(output, ", release "));
}

}  // namespace sagebuild
