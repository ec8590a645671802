#pragma once

#include <mutex>
#include <string>

#include "app/release_upload.hpp"
#include "cli/application.hpp"

namespace sagebuild {

/// Tells about a running upload on stderr: one line that is overwritten on a terminal, nothing but waits elsewhere.
class ReleaseConsole : public UploadObserver {
  public:
    explicit ReleaseConsole(Application& application) : m_application(application) {}
    void on_plan(const ReleasePlan& plan) override;
    void on_progress(const TransferProgress& progress) override;
    void on_wait(const std::string& why, double seconds) override;
    /// Leaves the terminal's last line to what follows.
    void end_progress();

  private:
    Application& m_application;
    std::mutex m_mutex;
    bool m_line_open = false;
};

/// `512.0 MB`.
std::string release_size_text(std::uint64_t bytes);
/// `03:10`, or `1:03:10`.
std::string release_time_text(double seconds);
/// `1 file`, `3 files`.
std::string counted_files(std::size_t count);

}  // namespace sagebuild
