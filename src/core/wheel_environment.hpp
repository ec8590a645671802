#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/driver_version.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What decides whether a wheel works somewhere. An empty field is unknown: what depends on it is told, not guessed.
struct WheelEnvironment {
    std::optional<Version> python;        ///< `3.12`
    std::optional<bool> free_threaded;    ///< a `3.13t` interpreter
    std::optional<Version> torch;         ///< `2.7.1`, without the local part
    std::optional<Version> torch_cuda;    ///< `12.8`, of `torch.version.cuda`; empty for a CPU torch too (`torch_is_cpu`)
    bool torch_is_cpu = false;            ///< torch is there and has no CUDA
    std::optional<bool> torch_cxx11_abi;  ///< `torch.compiled_with_cxx11_abi()`
    std::optional<DriverVersion> driver;  ///< `570.124.06`
    std::optional<Version> toolkit;       ///< of a CUDA toolkit in the environment; decides nothing for a ready wheel
    std::optional<std::string> os;        ///< `linux`, `windows`, `macos`
    std::optional<std::string> arch;      ///< of the CPU: `x86_64`, `aarch64`
    std::optional<Version> glibc;         ///< `2.35`
    std::optional<std::vector<Arch>> sm;  ///< compute capabilities of the GPUs, `8.9`; empty list: known to have none
};

}  // namespace sagebuild
