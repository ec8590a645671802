#pragma once

#include <filesystem>

namespace sagebuild::test {

/// The process' working directory for as long as the object lives.
class WorkingDirectory {
  public:
    explicit WorkingDirectory(const std::filesystem::path& path) : m_before(std::filesystem::current_path()) {
        std::filesystem::current_path(path);
    }
    ~WorkingDirectory() { std::filesystem::current_path(m_before); }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;

  private:
    std::filesystem::path m_before;
};

}  // namespace sagebuild::test
