#pragma once

#include "app/edges.hpp"
#include "core/doctor_report.hpp"

namespace sagebuild {

/// Looks at the machine: Pythons and their torch, driver, GPUs, compilers, what fetches toolchains, the package index, the cache, Docker,
/// disk and tokens. Never fails; each program has a time limit. Writes nothing.
DoctorReport examine_machine(const Edges& edges);

}  // namespace sagebuild
