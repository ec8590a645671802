#pragma once

#include <string>
#include <vector>

#include "app/github.hpp"
#include "app/release_verify.hpp"

namespace sagebuild {

/// The assets of a release on GitHub, downloaded one at a time and compared with the digests that the server tells.
class GitHubReleaseSource : public ReleaseSource {
  public:
    GitHubReleaseSource(GitHub& github, Release release) : m_github(github), m_release(std::move(release)) {}
    std::string shown() const override;
    Result<std::vector<std::string>> list() override;
    /// SB0644: its upload never ended; SB0646: other bytes than the server says.
    Result<std::string> read(const std::string& name) override;

  private:
    GitHub& m_github;
    Release m_release;
};

/// The release of a tag, drafts too where the token may see them; SB0652 with the nearest tags if there is none.
Result<Release> find_release_of_tag(GitHub& github, const std::string& tag);

}  // namespace sagebuild
