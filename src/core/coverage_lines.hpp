#pragma once

#include <optional>
#include <string>

#include "core/arch.hpp"
#include "core/compat.hpp"
#include "core/coverage.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// Why nothing serves a combination, and the line that would change it.
struct CoverageFix {
    bool is_possible = true;  ///< false: no line of the matrix can
    std::string reason;
    CoverageLine line = {};
};

/// What an edit of a package's file can add. Answers come from the rules that the build itself uses (core/arch_coverage).
class CoverageLines {
  public:
    CoverageLines(const PackageMatrix& package, const Compat& compat) : m_package(package), m_compat(compat) {}

    /// Whether the wheel of a target serves the GPU, asked for or not.
    bool serves(const Target& target, const Arch& gpu) const;
    /// Why no row serves this, where torch ships it: one line gives all Pythons that it ships for.
    CoverageFix row(const Version& torch, const Version& cuda, const Version& python, const Arch& gpu) const;
    /// The same for wheels that only an entry of `universal` makes.
    CoverageFix universal(const std::string& cpu, const Version& cuda, const Arch& gpu) const;

    /// The row of the matrix for a torch and CUDA minor.
    const Row* find_row(const Version& torch, const Version& cuda) const;
    /// The newest release of a CUDA minor with a pinned toolchain.
    std::optional<Version> find_release(const Version& cuda) const;
    /// The line with these Pythons beside those that the row has already.
    CoverageLine row_line(const Version& torch, const Version& release, std::vector<Version> pythons) const;

  private:
    std::string widest_list() const;
    CoverageFix gpu_of_list(const std::string& list, const Version& release, const Arch& gpu) const;

    const PackageMatrix& m_package;
    const Compat& m_compat;
};

}  // namespace sagebuild
