#include "text/ninja_output.hpp"

#include <algorithm>
#include <charconv>

namespace sagebuild {

namespace {

std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// `1 214 image ...` behind the control character.
std::optional<NinjaProgress> parse_status(std::string_view line) {
    if (!line.starts_with(ninja_status.front())) return std::nullopt;
    line.remove_prefix(1);
    const auto finished = take_number(line);
    if (!finished || !line.starts_with(' ')) return std::nullopt;
    line.remove_prefix(1);
    const auto total = take_number(line);
    if (!total || !line.starts_with(' ')) return std::nullopt;
    return NinjaProgress{*finished, *total, std::string(line.substr(1))};
}

std::string joined(const std::vector<std::string>& lines, std::size_t begin, std::size_t end) {
    std::string out;
    for (std::size_t index = begin; index < std::min(end, lines.size()); ++index) out += (out.empty() ? "" : "\n") + lines[index];
    return out;
}

struct QuotedError {
    Place place;
    std::string text;
};

/// `file(12): error: text` of NVRTC or `file:12:5: error: text` of clang, with the source lines that follow it.
std::optional<QuotedError> first_compiler_error(const std::vector<std::string>& lines) {
    for (std::size_t index = 0; index < lines.size(); ++index) {
        const std::string_view line = lines[index];
        std::size_t marker = std::string_view::npos;
        std::size_t width = 0;
        for (const std::string_view word : {": error: ", ": fatal error: ", ": catastrophic error: "}) {
            if (const std::size_t at = line.find(word); at < marker) {
                marker = at;
                width = word.size();
            }
        }
        if (marker == std::string_view::npos) continue;
        QuotedError error;
        std::string_view where = line.substr(0, marker);
        const bool in_parentheses = where.ends_with(')') && where.find('(') != std::string_view::npos;
        const std::size_t split = in_parentheses ? where.rfind('(') : where.find(':');
        error.place.file = std::string(where.substr(0, split));
        if (split != std::string_view::npos) {
            where.remove_prefix(split + 1);
            error.place.line = take_number(where).value_or(0);
            if (where.starts_with(':')) where.remove_prefix(1);
            error.place.column = take_number(where).value_or(0);
        }
        std::size_t end = index + 1;
        while (end < lines.size() && end < index + 6 && !lines[end].empty() && lines[end].find(": error") == std::string::npos) ++end;
        error.text = std::string(line.substr(marker + width));
        if (const std::string more = joined(lines, index + 1, end); !more.empty()) error.text += "\n" + more;
        return error;
    }
    return std::nullopt;
}

std::string what_failed(const Step& step) {
    if (const auto* image = std::get_if<DeviceImageRecipe>(&step.recipe)) {
        const std::string_view id = step.id;
        const std::size_t arch = id.rfind(' ');
        const std::size_t toolkit = id.rfind(' ', arch - 1);
        return "unit `" + image->unit + "` does not compile for arch " + std::string(id.substr(arch + 1)) + " with " +
               std::string(id.substr(toolkit + 1, arch - toolkit - 1));
    }
    if (const auto* fatbin = std::get_if<FatbinRecipe>(&step.recipe)) return "the images of unit `" + fatbin->unit + "` cannot be packed";
    if (const auto* library = std::get_if<HostLibraryRecipe>(&step.recipe)) {
        return "the host library of `" + library->package + "` for " + library->cpu + " cannot be built";
    }
    if (const auto* toolchain = std::get_if<ToolchainRecipe>(&step.recipe)) return "toolchain `" + toolchain->name + "` cannot be fetched";
    return "the wheel of `" + std::get<WheelRecipe>(step.recipe).target.name + "` cannot be made";
}

}  // namespace

std::optional<NinjaProgress> NinjaOutput::read_line(std::string_view line) {
    if (auto progress = parse_status(line)) {
        m_step = progress->step;
        m_inside = Inside::step;
        return progress;
    }
    if (line.starts_with("FAILED: ")) {
        m_failures.push_back({.step = m_step, .command = "", .lines = {}});
        m_inside = Inside::command;
    } else if (m_inside == Inside::command) {
        m_failures.back().command = std::string(line);
        m_inside = Inside::failure;
    } else if (m_inside == Inside::failure && !line.starts_with("ninja: ")) {
        m_failures.back().lines.emplace_back(line);
    } else {
        m_other.emplace_back(line);
    }
    return std::nullopt;
}

Diagnostic explain_failure(const Step& step, const NinjaFailure& failure) {
    constexpr std::size_t quoted_lines = 20;
    Diagnostic error{.code = "SB0507", .what = what_failed(step)};
    const auto own =
        std::find_if(failure.lines.begin(), failure.lines.end(), [](const std::string& line) { return line.starts_with("error["); });
    const auto compiler = own == failure.lines.end() ? first_compiler_error(failure.lines) : std::nullopt;
    if (compiler) {
        if (step.kind == StepKind::device_image) error.code = "SB0304";
        error.place = compiler->place;
        error.causes = {compiler->text};
    } else if (own != failure.lines.end()) {
        const auto begin = static_cast<std::size_t>(own - failure.lines.begin());
        error.causes = {joined(failure.lines, begin, begin + quoted_lines)};
    } else if (!failure.lines.empty()) {
        error.causes = {joined(failure.lines, failure.lines.size() - std::min(quoted_lines, failure.lines.size()), failure.lines.size())};
    }
    std::string targets = step.targets.empty() ? "" : "needed by " + step.targets.front();
    if (step.targets.size() > 1) targets += " and " + std::to_string(step.targets.size() - 1) + " more";
    if (!targets.empty()) error.notes.push_back(targets);
    error.notes.push_back("the command was: " + failure.command);
    return error;
}

}  // namespace sagebuild
