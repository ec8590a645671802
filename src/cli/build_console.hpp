#pragma once

#include <string>

#include "app/build.hpp"
#include "cli/application.hpp"

namespace sagebuild {

/// Tells about a running build on stderr: one line that is overwritten on a terminal, a line per step elsewhere.
class BuildConsole : public BuildObserver {
  public:
    BuildConsole(Application& application, bool explain) : m_application(application), m_explain(explain) {}
    void on_wait(const std::string& build_directory) override;
    void on_outline(const BuildOutline& outline) override;
    void on_progress(const BuildProgress& progress) override;
    /// Leaves the terminal's last line to what follows.
    void end_progress();

  private:
    Application& m_application;
    bool m_explain;
    bool m_line_open = false;
    BuildOutline m_outline;
};

/// `unit sm80_attention · cuda-12.9.1 · 8.9` for an image, else the id.
std::string describe_step(const Step& step);

/// `2 toolchains, 26 images, 1 wheel`.
std::string count_steps(const Plan& plan);

/// All steps, those that would run marked; data on stdout.
void print_dry_run(Application& application, const BuildOutline& outline, bool explain);

/// The wheels and what their toolkits had to leave out on stdout, the cost on stderr.
void print_report(Application& application, const BuildReport& report);

}  // namespace sagebuild
