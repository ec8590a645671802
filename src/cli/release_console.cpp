#include "cli/release_console.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace sagebuild {

namespace {

constexpr int bar_columns = 20;

std::string bar(double part) {
    const int full = static_cast<int>(std::clamp(part, 0.0, 1.0) * bar_columns);
    std::string out = "[";
    for (int column = 0; column < bar_columns; ++column) out += column < full ? '#' : '.';
    return out + "]";
}

}  // namespace

std::string release_size_text(std::uint64_t bytes) {
    char text[32];
    if (bytes < 10000) {
        std::snprintf(text, sizeof text, "%d bytes", static_cast<int>(bytes));
    } else if (bytes < 1000000) {
        std::snprintf(text, sizeof text, "%.0f kB", static_cast<double>(bytes) / 1e3);
    } else {
        std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    }
    return text;
}

std::string release_time_text(double seconds) {
    const auto whole = static_cast<long>(std::llround(std::clamp(seconds, 0.0, 1e9)));
    char text[40];
    if (whole >= 3600) {
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        std::snprintf(text, sizeof text, "%02ld:%02ld", whole / 60, whole % 60);
    }
    return text;
}

std::string counted_files(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " file" : " files");
}

void ReleaseConsole::on_plan(const ReleasePlan& plan) {
    const std::size_t sent = plan.files.size() - plan.count(AssetAction::keep);
    if (sent == 0) return;
    m_application.err << counted_files(sent) << " to send, " << release_size_text(plan.bytes_to_send());
    if (plan.paced_seconds > 0) m_application.err << ", at least " << release_time_text(plan.paced_seconds) << " within the budget";
    m_application.err << "\n" << std::flush;
}

void ReleaseConsole::on_progress(const TransferProgress& progress) {
    if (!m_application.edges.environment.stderr_is_terminal()) return;
    const std::lock_guard lock(m_mutex);
    const auto sent = static_cast<double>(progress.sent_bytes);
    const double part = progress.total_bytes == 0 ? 1 : sent / static_cast<double>(progress.total_bytes);
    std::string line = bar(part) + " " + std::to_string(progress.finished) + "/" + counted_files(progress.total) + "  " +
                       release_size_text(progress.sent_bytes) + " of " + release_size_text(progress.total_bytes);
    if (progress.seconds > 1) {
        line += "  " + release_size_text(static_cast<std::uint64_t>(sent / progress.seconds)) + "/s";
        if (part > 0.01) line += "  about " + release_time_text(progress.seconds * (1 - part) / part) + " left";
    }
    const int width = m_application.edges.environment.terminal_width();
    line = line.substr(0, static_cast<std::size_t>(width > 1 ? width - 1 : 79));
    m_application.err << "\r\x1b[2K" << line << std::flush;
    m_line_open = true;
}

void ReleaseConsole::on_wait(const std::string& why, double seconds) {
    constexpr double short_enough = 2;
    if (seconds < short_enough) return;
    const std::lock_guard lock(m_mutex);
    if (m_line_open) m_application.err << "\n";
    m_line_open = false;
    m_application.err << "waiting " << release_time_text(seconds) << ": " << printable(why) << "\n" << std::flush;
}

void ReleaseConsole::end_progress() {
    if (m_line_open) m_application.err << "\n";
    m_line_open = false;
}

}  // namespace sagebuild
