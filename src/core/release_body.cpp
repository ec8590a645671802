#include "core/release_body.hpp"

namespace sagebuild {

namespace {

constexpr std::string_view marker_begin = "<!-- sagebuild: upload not finished, run ";
constexpr std::string_view marker_end = " -->";
constexpr std::string_view replaced_heading = "## Replaced files";

/// Text of a user in one line of Markdown that cannot become anything else.
std::string one_line(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        const bool is_control = static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
        if (letter == '<') {
            out += "&lt;";
        } else {
            out += is_control ? ' ' : letter;
        }
    }
    return out;
}

std::string_view without_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string add_draft_marker(std::string_view body, std::string_view run) {
    std::string out = remove_draft_marker(body);
    if (!out.empty()) out += "\n\n";
    return out.append(marker_begin).append(run).append(marker_end);
}

std::string remove_draft_marker(std::string_view body) {
    const std::size_t begin = body.rfind(marker_begin);
    if (begin == std::string_view::npos) return std::string(body);
    const std::size_t end = body.find(marker_end, begin);
    if (end == std::string_view::npos) return std::string(body);
    const std::string_view before = without_end(body.substr(0, begin));
    return std::string(before).append(body.substr(end + marker_end.size()));
}

bool has_draft_marker(std::string_view body) {
    return body.find(marker_begin) != std::string_view::npos;
}

bool has_draft_marker(std::string_view body, std::string_view run) {
    return body.find(std::string(marker_begin).append(run).append(marker_end)) != std::string_view::npos;
}

std::string add_replacement(std::string_view body, const std::string& name, const std::string& reason, const std::string& sha256) {
    const std::string line = "- `" + name + "`: " + one_line(reason) + " (now sha256 `" + sha256 + "`)";
    std::string out(without_end(body));
    if (out.find(line) != std::string::npos) return out;
    if (out.find(replaced_heading) == std::string::npos) out.append(out.empty() ? "" : "\n\n").append(replaced_heading).append("\n");
    return out + "\n" + line;
}

std::string keep_replacements(std::string_view body, std::string_view before) {
    const std::string old = remove_draft_marker(before);
    const std::size_t begin = old.find(replaced_heading);
    if (begin == std::string::npos || body.find(replaced_heading) != std::string_view::npos) return std::string(body);
    std::string out(without_end(body));
    if (!out.empty()) out += "\n\n";
    return out + std::string(without_end(std::string_view(old).substr(begin)));
}

}  // namespace sagebuild
