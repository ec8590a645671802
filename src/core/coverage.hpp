#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/compat.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"
#include "core/version.hpp"
#include "core/wheel_candidate.hpp"

namespace sagebuild {

/// An interpreter as wheels tell them apart: `3.13`, or `3.13t` without the global lock.
struct PythonBuild {
    Version version;
    bool free_threaded = false;

    std::string to_string() const { return version.to_string() + (free_threaded ? "t" : ""); }
    friend auto operator<=>(const PythonBuild&, const PythonBuild&) = default;
};

/// An operating system and a CPU, as torch's wheels are made for.
struct CoveragePlatform {
    std::string os;   ///< `linux`, `windows`
    std::string cpu;  ///< `x86_64`, `aarch64`

    std::string to_string() const { return os + "-" + cpu; }
    bool operator==(const CoveragePlatform&) const = default;
};

/// `impossible`: the GPU, a toolkit or the package stands in the way. `unsupported`: torch ships nothing for it. `missing`: all else that
/// no wheel serves.
enum class CoverageState : std::uint8_t { covered, missing, unsupported, impossible };

/// One edit of the matrix that would serve a combination.
struct CoverageLine {
    std::string place;  ///< `matrix/sageattention.yaml, rows` or `matrix/sageattention.yaml:55`, which the line replaces
    std::string text;   ///< `- {torch: "2.9.0", ...}`
    bool is_row = false;

    bool operator==(const CoverageLine&) const = default;
};

/// What becomes of one (torch, CUDA, Python, platform, GPU). Reasons and lines are numbers in the coverage's lists, 0 is none.
struct CoverageCell {
    CoverageState state = CoverageState::missing;
    bool by_row = false;        ///< a wheel of exactly this torch, CUDA and Python serves it
    bool by_universal = false;  ///< a wheel for every torch and Python does
    std::uint16_t reason = 0;   ///< why not; for a cell that only a universal wheel serves, why no row wheel does
    std::uint16_t line = 0;

    bool operator==(const CoverageCell&) const = default;
};

/// One package against everything that torch ships and all that it does not: the whole product of the axes.
struct Coverage {
    std::string package;
    std::vector<Version> torch;        ///< minors, ascending; each axis so
    std::vector<Version> cuda;         ///< minors that any torch ships for
    std::vector<PythonBuild> pythons;  ///< that any torch ships for
    std::vector<CoveragePlatform> platforms;
    std::vector<GpuGeneration> gpus;
    std::vector<std::string> reasons;
    std::vector<CoverageLine> lines;
    std::vector<CoverageCell> cells;  ///< torch, then CUDA, Python, platform, and GPU innermost

    const CoverageCell& at(std::size_t torch_at, std::size_t cuda_at, std::size_t python_at, std::size_t platform_at,
                           std::size_t gpu_at) const {
        return cells[(((torch_at * cuda.size() + cuda_at) * pythons.size() + python_at) * platforms.size() + platform_at) * gpus.size() +
                     gpu_at];
    }
};

/// What wheels cover of a package: `targets` of the matrix, of which those of other packages do not count, and `others`, which are known by
/// their names and, where they were opened, their content.
Coverage make_coverage(const PackageMatrix& package, const std::vector<Target>& targets, const Compat& compat,
                       const std::vector<WheelCandidate>& others = {});

/// `{torch: "2.9.0", cuda: "13.0.0", python: ["3.13"], archs: extended}` as a row of the matrix states it.
std::string render_row_line(const Version& torch, const Version& cuda, const std::vector<Version>& pythons, const std::string& archs);

}  // namespace sagebuild
