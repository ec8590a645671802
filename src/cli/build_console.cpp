#include "cli/build_console.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>

namespace sagebuild {

namespace {

std::string two_digits(int value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string clock_text(double seconds) {
    const int whole = static_cast<int>(seconds);
    const std::string minutes_seconds = two_digits(whole / 60 % 60) + ":" + two_digits(whole % 60);
    return whole >= 3600 ? std::to_string(whole / 3600) + ":" + minutes_seconds : minutes_seconds;
}

std::string size_text(std::size_t bytes) {
    char text[32];
    if (bytes < 1000000) {
        std::snprintf(text, sizeof text, "%.0f KB", static_cast<double>(bytes) / 1e3);
    } else {
        std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    }
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    std::string text = std::to_string(count) + " " + std::string(noun);
    if (count == 1) return text;
    if (text.ends_with('y')) return text.substr(0, text.size() - 1) + "ies";
    return text + "s";
}

/// `10.0, 12.0 and 12.1`.
std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (index > 0) out += index + 1 == words.size() ? " and " : ", ";
        out += words[index];
    }
    return out;
}

/// Archs that a target's wheel does not serve, equal reasons joined.
std::vector<std::string> dropped_lines(const Target& target) {
    std::vector<std::string> lines;
    std::vector<std::string> reasons;
    for (const DroppedArch& dropped : target.dropped) {
        if (std::find(reasons.begin(), reasons.end(), dropped.reason) == reasons.end()) reasons.push_back(dropped.reason);
    }
    for (const std::string& reason : reasons) {
        std::vector<std::string> archs;
        for (const DroppedArch& dropped : target.dropped) {
            if (dropped.reason == reason) archs.push_back(dropped.arch.to_string());
        }
        lines.push_back(listed(archs) + " left out: " + reason);
    }
    return lines;
}

/// Cut to `width` columns; a multibyte letter counts as one.
std::string fitted(const std::string& line, int width) {
    std::string out;
    int columns = 0;
    for (const char letter : line) {
        const bool starts_letter = (static_cast<unsigned char>(letter) & 0xC0) != 0x80;
        if (starts_letter && ++columns >= width) break;
        out += letter;
    }
    return out;
}

}  // namespace

std::string describe_step(const Step& step) {
    if (step.kind != StepKind::device_image) return step.id;
    const std::size_t arch = step.id.rfind(' ');
    const std::size_t toolkit = step.id.rfind(' ', arch - 1);
    return "unit " + std::get<DeviceImageRecipe>(step.recipe).unit + " · " + step.id.substr(toolkit + 1, arch - toolkit - 1) + " · " +
           step.id.substr(arch + 1);
}

std::string count_steps(const Plan& plan) {
    std::map<StepKind, std::size_t> counts;
    for (const Step& step : plan.steps) ++counts[step.kind];
    std::string out;
    for (const auto& [kind, count] : counts) out += (out.empty() ? "" : ", ") + counted(count, step_kind_name(kind));
    return out;
}

void BuildConsole::on_wait(const std::string& build_directory) {
    m_application.err << "waiting for another build in " << printable(build_directory) << "\n" << std::flush;
}

void BuildConsole::on_outline(const BuildOutline& outline) {
    m_outline = outline;
    if (!m_explain) return;
    for (const Step& step : outline.pending.steps) {
        m_application.err << step.id << "\n";
        for (const std::string& reason : outline.reasons.at(step.id)) m_application.err << "  " << printable(reason) << "\n";
    }
}

void BuildConsole::on_progress(const BuildProgress& progress) {
    const Step* step = m_outline.plan.find(progress.step);
    const std::string total = std::to_string(progress.total);
    std::string count = std::to_string(progress.finished);
    count.insert(0, total.size() - std::min(total.size(), count.size()), ' ');
    std::string line = "[" + count + "/" + total + "] " + (step == nullptr ? progress.step : describe_step(*step));
    if (!m_application.edges.environment.stderr_is_terminal()) {
        m_application.err << line << "\n" << std::flush;
        return;
    }
    line += "     " + clock_text(progress.elapsed_seconds) + " elapsed";
    if (progress.finished < progress.total) line += ", about " + clock_text(progress.left_seconds) + " left";
    const int width = m_application.edges.environment.terminal_width();
    m_application.err << "\r\x1b[2K" << fitted(line, width > 0 ? width : 80) << std::flush;
    m_line_open = true;
}

void BuildConsole::end_progress() {
    if (m_line_open) m_application.err << "\n";
    m_line_open = false;
}

void print_dry_run(Application& application, const BuildOutline& outline, bool explain) {
    std::size_t width = 0;
    for (const Step& step : outline.plan.steps) width = std::max(width, step.id.size());
    for (const Step& step : outline.plan.steps) {
        const auto reasons = outline.reasons.find(step.id);
        application.out << (reasons == outline.reasons.end() ? "keep  " : "run   ") << step.id
                        << std::string(width - step.id.size() + 2, ' ')
                        << (step.targets.size() == 1 ? step.targets.front()
                                                     : "shared by " + std::to_string(step.targets.size()) + " targets")
                        << "\n";
        if (!explain || reasons == outline.reasons.end()) continue;
        for (const std::string& reason : reasons->second) application.out << "        " << printable(reason) << "\n";
    }
    application.err << outline.pending.steps.size() << " of " << counted(outline.plan.steps.size(), "step") << " would run";
    if (!outline.pending.steps.empty()) application.err << ": " << count_steps(outline.pending);
    application.err << "\n";
}

void print_report(Application& application, const BuildReport& report) {
    std::size_t width = 0;
    for (const BuiltWheel& wheel : report.wheels) width = std::max(width, wheel.path.size());
    std::vector<std::string> told;
    for (const BuiltWheel& wheel : report.wheels) {
        application.out << "✔ " << wheel.path << std::string(width - wheel.path.size() + 3, ' ') << size_text(wheel.size) << "   verified"
                        << (wheel.is_new ? "" : "   unchanged") << "\n";
        for (const std::string& line : dropped_lines(wheel.target)) {
            const std::string text = "  CUDA " + wheel.target.images_cuda.prefix(2).to_string() + ": " + line;
            if (std::find(told.begin(), told.end(), text) != told.end()) continue;
            application.out << text << "\n";
            told.push_back(text);
        }
    }
    const Plan& pending = report.outline.pending;
    if (pending.steps.empty()) {
        application.err << "nothing to do: all " << counted(report.outline.plan.steps.size(), "step") << " were done before\n";
    } else {
        application.err << count_steps(pending) << " in " << clock_text(report.seconds);
        if (report.wheels.size() > 1) application.err << ", each step once for all " << counted(report.wheels.size(), "wheel");
        application.err << "\n";
    }
}

}  // namespace sagebuild
