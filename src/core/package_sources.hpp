#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/matrix.hpp"
#include "core/plan.hpp"

namespace sagebuild {

/// A source tree with the digest of each file, made when first asked for: many units include the same headers.
class SourceDigests {
  public:
    SourceDigests(const SourceTree& tree, const Digest& digest) : m_tree(tree), m_digest(digest) {}
    const SourceTree& tree() const { return m_tree; }
    const std::string& digest_of(const std::string& file);

  private:
    const SourceTree& m_tree;
    const Digest& m_digest;
    std::map<std::string, std::string> m_digests;
};

/// Directories below the project root that hold everything a package is built from, sorted.
std::vector<std::string> source_directories(const PackageMatrix& package);

std::vector<std::string> device_include_directories(const PackageMatrix& package);

/// The C files of one of `host_sources`, not of directories below it; sorted.
std::vector<std::string> find_c_sources(const PackageMatrix& package, const std::string& folder, const SourceTree& sources);

/// The files of the Python package, sorted.
std::vector<std::string> find_python_files(const PackageMatrix& package, const SourceTree& sources);

/// SB0303 for each source that the matrix names and the tree lacks.
Diagnostics check_sources(const PackageMatrix& package, const SourceTree& sources);

}  // namespace sagebuild
