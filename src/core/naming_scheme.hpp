#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arch.hpp"
#include "core/name_pattern.hpp"
#include "core/version.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

struct Compat;

/// How a publisher writes torch, CUDA and the like into wheel names, as `matrix/compat/naming.yaml` states it.
struct NamingScheme {
    std::string name;
    bool in_build_tag = false;  ///< else in the local part of the version
    NamePattern pattern;
    std::vector<std::string> projects;  ///< normalised; empty: any
    bool torch_or_later = false;        ///< made on torch's stable ABI
    std::string backend = "cuda";       ///< or `rocm`, `musa`, `cpu`
    std::vector<std::string> examples;
};

/// Releases of a distribution that hold another import package.
struct ForeignModule {
    std::string project;  ///< normalised
    Version from;         ///< and later
    std::string module;
};

struct Naming {
    std::vector<NamingScheme> schemes;  ///< the first that reads a name wins
    std::vector<ForeignModule> modules;
};

/// What a wheel's name says of its content beyond its tags.
struct WheelFacts {
    std::optional<Version> torch;
    std::string torch_text;  ///< as the name means it: `2.8.0`, `25.04`; empty if it says nothing
    bool torch_or_later = false;
    bool is_container = false;    ///< `torch_text` names NVIDIA's container, whose torch is a build of its own
    std::optional<Version> cuda;  ///< `12` or `12.8`
    std::optional<bool> cxx11_abi;
    std::vector<Arch> archs;
    std::string backend;  ///< `cuda`, `rocm`, ...; empty if no scheme reads the name
    std::string scheme;   ///< empty if none does
};

/// Reads a name by the declared schemes. Joined digits of torch are read by the torch releases that `compat` knows; where none of the
/// readings exists, the name says nothing about torch.
WheelFacts read_wheel_facts(const WheelName& name, const Compat& compat);

/// A project's name as indexes compare it: small letters, runs of `-`, `_` and `.` as one `-` (PEP 503).
std::string normalise_project(std::string_view name);

}  // namespace sagebuild
