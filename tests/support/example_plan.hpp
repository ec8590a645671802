#pragma once

#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/plan.hpp"
#include "core/target.hpp"

namespace sagebuild::testing {

/// A small copy of the real matrix for tests of plans: package `sageattention` with the units `smxx_preparation` and `sm80_attention`,
/// ten rows of three toolkits and the universal target; package `sageattn3` without units.
struct PlanExample {
    Matrix matrix;
    Compat compat;
    SourceTree sources;
    std::vector<Target> targets;  ///< the 11 targets with kernels, in matrix order
    Target without_units;
    PlanSettings settings;

    Target& target(const std::string& name);
    /// The plan of these targets; fails the test if there is none.
    Plan plan(const std::vector<Target>& selected) const;
};

PlanExample make_plan_example();

}  // namespace sagebuild::testing
