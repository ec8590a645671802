#pragma once

#include <string>
#include <vector>

#include "app/edges.hpp"
#include "app/wheel_verify_files.hpp"
#include "core/release_check.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// A release as it is found, from an untrusted place.
class ReleaseSource {
  public:
    virtual ~ReleaseSource() = default;
    /// What is shown of it: `dist`, `owner/name@v1`.
    virtual std::string shown() const = 0;
    virtual Result<std::vector<std::string>> list() = 0;
    virtual Result<std::string> read(const std::string& name) = 0;
};

/// The files of a directory, not those below it.
class DirectorySource : public ReleaseSource {
  public:
    DirectorySource(std::string directory, const Edges& edges) : m_directory(std::move(directory)), m_edges(edges) {}
    std::string shown() const override { return m_directory; }
    Result<std::vector<std::string>> list() override;
    Result<std::string> read(const std::string& name) override;

  private:
    std::string m_directory;
    const Edges& m_edges;
};

/// What was looked at in a release, and what is wrong with it.
struct ReleaseReport {
    std::string shown;
    std::vector<FoundFile> files;
    std::vector<VerifiedFile> wheels;  ///< each opened and compared with its name and manifest
    ReleaseStatements statements;
    Diagnostics problems;  ///< all of them, those of the wheels too; empty: the release is as its documents say
};

/// Reads every file once, one at a time, and compares all with SHA256SUMS, provenance and bill of materials. Fails as a whole where the
/// files cannot be listed; SB0652 where there are none.
Result<ReleaseReport> verify_release(ReleaseSource& source);

}  // namespace sagebuild
