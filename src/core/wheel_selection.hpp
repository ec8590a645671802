#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/compat.hpp"
#include "core/naming_scheme.hpp"
#include "core/wheel_candidate.hpp"
#include "core/wheel_environment.hpp"
#include "core/wheel_name.hpp"

namespace sagebuild {

/// Why a wheel does not fit, the kinds that are nearest to fitting first: another torch is installed sooner than another CPU is bought.
enum class MisfitCategory { torch_minor, cuda_major, abi, python, sm, platform, unparseable, name };

/// `torch-minor`
std::string_view category_name(MisfitCategory category);

struct Misfit {
    MisfitCategory category;
    std::string text;  ///< a predicate of the wheel: `is named for torch 2.8, here is 2.11`

    bool operator==(const Misfit&) const = default;
};

/// A fact that is not known and on which it depends whether a wheel works.
struct OpenQuestion {
    std::string_view depends_on;  ///< a field of the environment as its JSON names it, or `content` of the wheel
    std::string text;             ///< a predicate of the wheel: `is named for torch 2.8; torch here is not known`

    bool operator==(const OpenQuestion&) const = default;
};

/// How well a wheel fits: the less, the better. See docs/select.md for the order and its reasons.
struct FitRank {
    bool last_resort = false;  ///< works against its name, or was yanked
    std::size_t open_questions = 0;
    bool pre_release = false;
    std::size_t version_rank = 0;  ///< place of its version among those of all candidates, newest first
    int image_class = 0;           ///< 0 machine code, 1 not known, 2 PTX only
    int torch_distance = 0;
    int cuda_distance = 0;
    int cxx11_distance = 0;      ///< 1: not the ABI of official torch releases, where the one here is not known
    int image_distance = 0;      ///< 1: images of a lower minor
    std::size_t local_rank = 0;  ///< like `version_rank`, of local versions
    int tag_rank = 0;            ///< place in the order in which installers prefer tags
    std::size_t build_rank = 0;  ///< like `version_rank`, of build tags

    auto operator<=>(const FitRank&) const = default;
};

/// One candidate, judged.
struct JudgedWheel {
    std::size_t candidate = 0;  ///< index
    std::vector<Misfit> misfits;
    std::vector<OpenQuestion> open;
    bool against_name = false;  ///< works although its name says another torch or CUDA
    std::string named_for;      ///< then: what the name says, `torch 2.8`
    FitRank rank;

    bool fits() const { return misfits.empty(); }
};

struct WheelSelection {
    std::vector<JudgedWheel> acceptable;  ///< best first
    std::vector<JudgedWheel> rejected;    ///< nearest miss first
    std::vector<std::string> projects;    ///< distributions of the acceptable ones, normalised, sorted

    /// Where wheels of several distributions fit, none is the one that was wanted.
    const JudgedWheel* pick() const { return acceptable.empty() || projects.size() > 1 ? nullptr : &acceptable.front(); }
};

/// What no environment changes: misfits by name alone, and the places of versions and builds among all candidates. By candidate.
std::vector<JudgedWheel> judge_names(const std::vector<WheelCandidate>& candidates, const Compat& compat);

/// Judges and orders wheels for an environment. `project` is the wanted distribution; empty: any. The order of the candidates does not
/// matter, except between equal ones.
WheelSelection select_wheels(const std::vector<WheelCandidate>& candidates, const WheelEnvironment& environment, std::string_view project,
                             const Compat& compat);

}  // namespace sagebuild
