#pragma once

#include <string>
#include <vector>

#include "core/wheel_environment.hpp"

namespace sagebuild {

/// `good`: there and usable; `absent`: not there, which may be as it should be; `bad`: there, but does not work.
enum class DoctorState { good, absent, bad };

/// One thing that was looked at.
struct DoctorCheck {
    std::string subject;  ///< `python`, `torch`, `driver`, ...; several Pythons are several checks
    DoctorState state = DoctorState::good;
    std::string found;   ///< in words, without names of hosts or values of secrets
    std::string advice;  ///< one line, empty if there is nothing to do
};

/// What a machine can build and run.
struct DoctorReport {
    std::vector<DoctorCheck> checks;  ///< in a fixed order
    WheelEnvironment environment;     ///< of the default Python, as `select --probe` has it
    bool builds_locally = false;      ///< ninja, and pip or uv with an index that answers or toolchains in the cache
    bool builds_in_containers = false;
    bool runs_kernels = false;  ///< a Python with a CUDA torch, and a GPU
};

}  // namespace sagebuild
