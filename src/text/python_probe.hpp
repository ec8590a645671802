#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arch.hpp"
#include "core/driver_version.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What an interpreter says of itself.
struct PythonFacts {
    std::string executable = {};
    std::string installation = {};    ///< the program at the end of its links, or a virtual environment's own
    std::string implementation = {};  ///< `cpython`
    Version version;                  ///< `3.12.1`
    bool free_threaded = false;
    std::string os = {};                ///< `linux`, `macos`, `windows`, else as Python says it
    std::string arch = {};              ///< `x86_64`
    std::optional<Version> glibc = {};  ///< empty with another C library
    std::string torch_directory = {};   ///< where `import torch` would look, empty if nowhere

    bool operator==(const PythonFacts&) const = default;
};

struct GpuFacts {
    std::string name;
    std::optional<Arch> arch;

    bool operator==(const GpuFacts&) const = default;
};

/// What the driver says.
struct DriverFacts {
    std::optional<DriverVersion> driver;
    std::optional<std::vector<GpuFacts>> gpus;  ///< empty list: the driver has none
    std::string problem;                        ///< why something above is unknown, may be empty
};

/// Program for `python -c`: prints a line that `parse_python_probe` reads. Runs on Python 2.7 and 3.
std::string_view python_probe_program();

/// Program for `python -c` that asks libcuda and NVML through ctypes, for machines without nvidia-smi.
std::string_view driver_probe_program();

/// From untrusted output; whatever stands around the line is passed over.
std::optional<PythonFacts> parse_python_probe(std::string_view output);
std::optional<DriverFacts> parse_driver_probe(std::string_view output);

/// Of `nvidia-smi --query-gpu=driver_version,compute_cap,name --format=csv,noheader`; nothing if a line is not of that form.
std::optional<DriverFacts> parse_nvidia_smi(std::string_view output);

/// Of `/proc/driver/nvidia/version`.
std::optional<DriverVersion> parse_kernel_module_version(std::string_view text);

/// `12.9` of `nvcc --version`.
std::optional<Version> parse_nvcc_version(std::string_view output);

}  // namespace sagebuild
