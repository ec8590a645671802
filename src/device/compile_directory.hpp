#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sagebuild::device {

/// The working directory of one compilation, made of symbolic links and removed at the end. NVRTC writes the paths of headers into the
/// image as it opened them (`assert` does that), has no option to map them, and would so make the bytes depend on where project and
/// toolchain lie. Relative paths keep their names here, all others get a fixed one.
class CompileDirectory {
  public:
    /// Makes the directory `path`; the working directory of the process moves there.
    explicit CompileDirectory(const std::string& path);
    ~CompileDirectory();
    CompileDirectory(const CompileDirectory&) = delete;
    CompileDirectory& operator=(const CompileDirectory&) = delete;

    /// The name under which the compiler is to open a file or directory that was given relative to the old working directory. With a
    /// file its directory is linked, so that `#include "..."` finds its neighbours.
    std::string link_directory(const std::string& directory);
    std::string link_file(const std::string& file);

    /// A message of the compiler with the paths as they were given.
    std::string restore_paths(const std::string& log) const;

  private:
    void link(const std::filesystem::path& name, const std::filesystem::path& to) const;

    std::filesystem::path m_origin;
    std::filesystem::path m_path;
    std::vector<std::pair<std::string, std::string>> m_renamed;  ///< link and given path
};

}  // namespace sagebuild::device
