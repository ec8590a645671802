#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/probe_python.hpp"
#include "core/result.hpp"
#include "core/wheel_environment.hpp"

namespace sagebuild {

/// What a running machine says. Whatever cannot be found out is empty, and a note says why.
struct ProbeReport {
    WheelEnvironment environment;
    std::string python;          ///< the interpreter that was asked
    std::vector<GpuFacts> gpus;  ///< with their names
    std::vector<std::string> notes;
};

/// The interpreter that a user means: a program, a virtual environment's directory, or by default the active virtual environment, else
/// `python3` or `python` of PATH. Fails with SB0560 when there is none.
Result<std::string> find_python(const std::string& asked, const Edges& edges);

/// Driver and GPUs by nvidia-smi, else by the kernel module and, through `python`, by libcuda. `python` may be empty.
DriverFacts probe_driver(const std::string& python, const Edges& edges, std::vector<std::string>& notes);

/// The CUDA toolkit of `nvcc`: on PATH, below CUDA_HOME, CUDA_PATH or /usr/local/cuda.
std::optional<Version> probe_toolkit(const Edges& edges);

/// `select --probe [PYTHON]`.
Result<ProbeReport> probe_environment(const std::string& python, const Edges& edges);

}  // namespace sagebuild
