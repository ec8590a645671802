#pragma once

#include <vector>

#include "core/wheel_selection.hpp"

namespace sagebuild {

/// What the tags of a wheel say about an environment (PEP 425, 600, 703).
struct TagFit {
    std::vector<Misfit> misfits;  ///< of `python`, `abi` and `platform`, of the tag that comes nearest
    std::vector<OpenQuestion> open;
    int rank = 0;             ///< the less, the earlier installers look for the tag
    bool is_pure = false;     ///< fits by a tag that promises no machine code
    int python_distance = 0;  ///< minors between the Pythons, if they do not fit
};

/// The environment as the tags see it, with what follows from other facts: a glibc means Linux, some GPUs an Arm host.
struct TagEnvironment {
    const WheelEnvironment* environment = nullptr;
    std::string os;               ///< empty: not known
    std::string arch;             ///< `x86_64`, `aarch64`; empty: not known
    std::optional<Arch> arm_gpu;  ///< the GPU that `arch` follows from
};

TagEnvironment make_tag_environment(const WheelEnvironment& environment, const Compat& compat);

TagFit fit_tags(const WheelName& name, const TagEnvironment& environment);

}  // namespace sagebuild
