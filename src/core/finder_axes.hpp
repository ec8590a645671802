#pragma once

#include <functional>
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

/// A fact of an environment, in the states that the judges of `select` tell apart. State 0: not known.
struct FinderAxis {
    std::string_view name;
    std::size_t size = 0;
    std::function<void(WheelEnvironment&, std::size_t)> set;  ///< gives the environment a member of the state
};

/// Torch releases between two that some wheel names; all of one minor.
struct FinderTorch {
    Version from;            ///< major.minor.patch
    bool and_later = false;  ///< and all later ones of the minor, up to the next entry
};

/// The states of all facts for a set of wheels: finite lists, and buckets between the values at which some verdict changes.
struct FinderAxes {
    std::vector<Version> pythons;      ///< minors, each in three states: threading not known, with the GIL, free-threaded
    std::vector<FinderTorch> torches;  ///< ascending
    std::vector<Version> cudas;        ///< minors; before them stands the state of a torch without CUDA
    std::vector<std::string> systems;
    std::vector<std::string> machines;   ///< behind them stands the state of any other CPU, then one for each of `arm_gpus`
    std::vector<Arch> arm_gpus;          ///< GPUs that say the CPU where nothing else does
    std::vector<Version> glibcs;         ///< where buckets begin; before them stands the bucket below all
    std::vector<DriverVersion> drivers;  ///< likewise
    std::vector<Arch> gpus;

    FinderAxis python() const;
    FinderAxis torch() const;
    FinderAxis cuda() const;
    FinderAxis system() const;
    FinderAxis machine() const;
    FinderAxis glibc() const;
    FinderAxis driver() const;
    FinderAxis has_driver() const;
    FinderAxis has_gpu() const;  ///< known to have none, known to have some
    FinderAxis cxx11_abi() const;
    FinderAxis gpu() const;  ///< one GPU each; no state for none
};

/// A wheel whose name is read once for all that looks at it.
struct FinderSubject {
    const WheelCandidate& wheel;
    std::optional<WheelName> name;  ///< empty: the name is none
    WheelFacts facts;               ///< what the name says
    std::string project;            ///< normalised
};

FinderAxes make_finder_axes(const std::vector<FinderSubject>& wheels, const Compat& compat);

/// The CPU of the state for those that no wheel names.
constexpr std::string_view other_machine = "other";

}  // namespace sagebuild
