#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/edges.hpp"
#include "core/torch_package.hpp"
#include "core/wheel_environment.hpp"
#include "text/python_probe.hpp"

namespace sagebuild {

/// One interpreter and the torch that it would import; both may be unknown, with the reason.
struct PythonProbe {
    std::string program;  ///< what was asked
    std::optional<PythonFacts> python;
    std::optional<TorchPackage> torch;
    std::optional<bool> torch_cxx11_abi;
    std::vector<std::string> notes;
};

/// Asks the interpreter by running a small program, with a time limit; torch is read, not imported.
PythonProbe probe_python(const std::string& program, const Edges& edges);

/// Enters what is known into an environment.
void add_python_facts(const PythonProbe& probe, WheelEnvironment& environment);

}  // namespace sagebuild
