#pragma once

#include <optional>
#include <string>
#include <string_view>
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

/// What one part of one tag says.
struct TagPart {
    std::optional<Misfit> misfit;
    std::vector<OpenQuestion> open;
    int rank = 0;      ///< the less, the earlier installers look for it
    int distance = 0;  ///< minors between the Pythons, if they do not fit
};

/// `cp312` with `cp312`; looks at `python` and `free_threaded` alone. `any_platform`: it stands beside the platform `any`.
TagPart fit_python_tag(std::string_view python, std::string_view abi, bool any_platform, const WheelEnvironment& environment);

/// `manylinux_2_28_x86_64`; looks at system, CPU and glibc alone.
TagPart fit_platform_tag(std::string_view platform, const TagEnvironment& environment);

/// What a platform tag names; empty where it does not.
struct PlatformNeeds {
    std::string machine;           ///< `x86_64`, `aarch64`
    std::optional<Version> glibc;  ///< of a manylinux tag
};

PlatformNeeds read_platform_tag(std::string_view platform);
bool is_any_platform(std::string_view platform);
/// Whether a tag promises no machine code.
bool is_pure_tag(std::string_view abi, std::string_view platform);

/// Ranks of Python tags count this many times as much as those of platform tags: more platforms than any machine takes.
constexpr int tags_per_group = 1000;

/// The tag that comes nearest.
TagFit fit_tags(const WheelName& name, const TagEnvironment& environment);

/// Whether `requires_python` of an index or of METADATA leaves out the Python here.
std::optional<Misfit> refuse_python(const std::string& requires_python, const WheelEnvironment& environment);

}  // namespace sagebuild
