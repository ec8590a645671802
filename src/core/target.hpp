#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/diagnostic.hpp"
#include "core/matrix.hpp"
#include "core/version.hpp"

namespace sagebuild {

enum class TargetKind { row, universal };

/// An arch of the row's list that runs on the image of another one.
struct CoveredArch {
    Arch arch;
    Arch by;
    std::string reason;
};

/// An arch of the row's list that the wheel does not serve.
struct DroppedArch {
    Arch arch;
    std::string reason;
};

/// What one kernel unit compiles for one target.
struct TargetUnit {
    std::string name;
    std::string source;                     ///< relative to the project root
    std::vector<Arch> archs;                ///< cubins, ascending
    std::vector<Arch> ptx;                  ///< PTX images (policy `ptx`), ascending
    std::vector<CoveredArch> covered = {};  ///< archs of the row that this unit serves with another arch's image
    std::vector<DroppedArch> dropped = {};  ///< archs that it is written for, but does not serve in this target
};

/// One wheel to make. The name is the one id: bake target, log prefix, selector.
struct Target {
    std::string name;  ///< `linux-sage2-pytorch28-cu129-python312`
    TargetKind kind = TargetKind::row;
    std::string package;
    Version package_version;
    std::optional<Version> python;  ///< universal: none
    std::optional<Version> torch;
    Version cuda;                 ///< the row's
    Version images_cuda;          ///< whose toolkit compiles; differs from `cuda` under `images: newest`
    std::string requires_python;  ///< `>=3.9`
    std::string requires_torch;   ///< `==2.8.*` or `>=2.6`
    std::string cpu = "x86_64";
    std::vector<std::string> platforms;  ///< platform tags without the CPU: `linux`, or `manylinux_2_17` and `manylinux2014`
    std::vector<Arch> archs;             ///< compiled, ascending
    std::vector<CoveredArch> covered;
    std::vector<DroppedArch> dropped;
    std::vector<TargetUnit> units;
    std::vector<std::string> groups;  ///< sorted
    std::string wheel;                ///< file name
    Place place;                      ///< the row in the YAML
};

/// A named set of targets; `tests` marks groups of `test-<target>` (bake only).
struct Group {
    std::string name;
    std::vector<std::string> targets;  ///< in matrix order
    bool tests = false;
};

/// Everything the matrix means, after all checks.
struct TargetSet {
    std::vector<Target> targets;  ///< by package file, then row order, then Python
    std::vector<Group> groups;    ///< by name

    const Target* find(std::string_view name) const;
    const Group* find_group(std::string_view name) const;
};

}  // namespace sagebuild
