#pragma once

#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// Whether a cubin made for `image` runs on a GPU of capability `gpu` (CUDA programming guide, «Binary Compatibility»): X.Y runs on X.Z
/// with Z >= Y, never across majors; an `a` image on its own chip only; integrated chips and their images apart.
bool runs_on(const Arch& image, const Arch& gpu, const Compat& compat);

/// Whether a unit of the package is written for the GPU, or for one whose images run on it.
bool is_written_for(const PackageMatrix& package, const Arch& gpu, const Compat& compat);

/// Why the toolkit has no image for `arch`, e.g. `nvcc 12.6 ends at 9.0`.
std::string explain_uncompilable(const Arch& arch, const CudaToolkit& toolkit, const Compat& compat);

/// What becomes of each arch of a row's list.
struct ArchAssignment {
    std::vector<TargetUnit> units;
    std::vector<Arch> archs;  ///< capabilities that at least one unit is compiled for
    std::vector<CoveredArch> covered;
    std::vector<DroppedArch> dropped;
};

/// Each wanted arch is compiled, else covered by an image that runs on it, else (policy `ptx`) by PTX, else dropped. A package without
/// units is treated as one unit written for all that the row wants, so that its rows can be listed.
ArchAssignment assign_archs(const PackageMatrix& package, const std::vector<Located<Arch>>& wanted, const CudaToolkit& toolkit,
                            const Compat& compat);

}  // namespace sagebuild
