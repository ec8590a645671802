#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/compat.hpp"
#include "core/finder_axes.hpp"
#include "core/gpu_fit.hpp"
#include "core/torch_fit.hpp"
#include "core/wheel_candidate.hpp"
#include "core/wheel_selection.hpp"

namespace sagebuild {

/// A text of a verdict; the value of `fact` in the environment follows `before`. An empty `fact`: nothing does.
struct FinderText {
    std::string before;
    std::string_view fact;  ///< `torch`, `driver`, `glibc`, `arch`, `project`
    std::string after;

    auto operator<=>(const FinderText&) const = default;
};

/// What one judge says of one subject in one state of the facts that it looks at.
struct FinderVerdict {
    struct Misfit {
        MisfitCategory category;
        std::size_t text;

        auto operator<=>(const Misfit&) const = default;
    };
    struct Question {
        std::string_view depends_on;
        std::size_t text;

        auto operator<=>(const Question&) const = default;
    };
    std::vector<Misfit> misfits;
    std::vector<Question> open;
    std::vector<int> numbers;              ///< rank and distance of a tag; TorchFit's four in its order
    std::optional<std::size_t> named_for;  ///< works against its name, which says this text

    auto operator<=>(const FinderVerdict&) const = default;
};

enum class FinderPartKind {
    python_tag,
    platform_tag,
    requires_python,
    torch,
    cuda,
    cxx11_abi,
    backend,
    free_binding,
    driver,
    ptx,
    toolkit
};

/// The verdicts on one subject in all states of the axes of its kind, the last axis innermost.
struct FinderPart {
    FinderPartKind kind;
    std::vector<std::size_t> verdicts;
};

/// Images or a dispatch list against every GPU; several GPUs are put together by whoever looks it up.
struct FinderGpuPart {
    bool is_dispatch = false;
    std::size_t unknown = 0;              ///< verdict where the GPU is not known
    std::vector<GpuCoverage> coverage;    ///< by GPU
    std::vector<GpuRefusal> refusals;     ///< with none, one and several GPUs served
    std::optional<std::size_t> ptx_part;  ///< counts where a GPU is served by PTX alone
};

/// One tag of a wheel.
struct FinderTag {
    std::size_t python = 0, platform = 0;  ///< parts
    bool is_pure = false;                  ///< promises no machine code

    auto operator<=>(const FinderTag&) const = default;
};

/// What wheels that are judged alike have in common.
struct FinderProfile {
    std::vector<FinderTag> tags;          ///< the one that comes nearest counts, the first of equals
    std::optional<std::size_t> python;    ///< part of `requires_python`
    std::vector<std::size_t> parts;       ///< of torch, CUDA and the driver
    std::vector<std::size_t> pure_parts;  ///< instead, where a pure tag counts
    std::vector<std::size_t> gpu_parts;
    std::optional<std::size_t> toolkit;  ///< part of the toolkit that a name states, where no images are known

    auto operator<=>(const FinderProfile&) const = default;
};

struct FinderWheel {
    WheelCandidate wheel;
    std::size_t project = 0;             ///< index; without meaning where the name is none
    std::optional<std::size_t> profile;  ///< empty: `misfits` hold everywhere
    std::optional<std::size_t> refusal;  ///< verdict
    FitRank rank;                        ///< what does not depend on the environment
    std::string yanked_reason;
};

/// The verdicts of `select` on a set of wheels in every environment, made by its own judges: what the wheel finder page looks up.
/// Equal subjects and equal verdicts are kept once.
struct FinderTable {
    FinderAxes axes;
    std::vector<FinderText> texts;
    std::vector<FinderVerdict> verdicts;
    std::vector<FinderPart> parts;
    std::vector<FinderGpuPart> gpu_parts;
    std::vector<FinderProfile> profiles;
    std::vector<FinderWheel> wheels;          ///< by name: the last word between equal ones
    std::vector<std::string> projects;        ///< normalised, ascending
    std::vector<std::size_t> foreign_texts;   ///< by project: is it, where `project` is wanted
    std::map<Arch, GpuGeneration> gpus;       ///< for the choices
    std::map<Version, TorchRelease> torches;  ///< likewise
    std::vector<BaseSystem> systems;          ///< likewise
};

/// The axes of a kind of parts.
std::vector<FinderAxis> part_axes(FinderPartKind kind, const FinderAxes& axes);

/// `yanked_reasons`: by file name, of those that have one.
FinderTable make_finder_table(const std::vector<WheelCandidate>& candidates, const std::map<std::string, std::string>& yanked_reasons,
                              const Compat& compat);

}  // namespace sagebuild
