#include "core/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace sagebuild {

namespace {

/// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none (RFC 3629: no surrogates, no overlong forms).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const auto continues = [&](std::size_t index) { return index < text.size() && (byte(index) & 0xC0) == 0x80; };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
        return 4;
    }
    return 0;
}

/// C1 controls (U+0080 to U+009F) steer terminals as C0 ones do; bidirectional overrides reorder what a reader sees.
bool is_unsafe_sequence(std::string_view sequence) {
    if (sequence.size() == 2) return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
    if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
    const auto second = static_cast<unsigned char>(sequence[1]);
    const auto third = static_cast<unsigned char>(sequence[2]);
    return (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

void append_escaped(std::string& out, char byte) {
    static constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out += digits[value >> 4];
    out += digits[value & 15];
}

/// Columns shown before byte `bytes` of `line`, tabs kept as tabs so that the caret lines up under any tab width.
std::string padding_before(std::string_view line, std::size_t bytes) {
    std::string padding;
    for (std::size_t at = 0; at < std::min(bytes, line.size());) {
        if (line[at] == '\t') {
            padding += '\t';
            ++at;
            continue;
        }
        const std::size_t length = utf8_length(line.substr(at));
        padding += ' ';
        at += std::max<std::size_t>(length, 1);
    }
    return padding;
}

struct ShownLine {
    std::string text;
    std::size_t caret;  ///< byte offset of the caret in `text`
};

/// A long line is shown as a window around the caret, so that a 10 MB scalar costs one terminal line.
ShownLine window_around(const std::string& line, std::size_t caret) {
    constexpr std::size_t limit = 160;
    std::size_t begin = 0;
    if (line.size() > limit && caret > limit / 2) begin = std::min(caret - limit / 2, line.size() - limit);
    std::string text = begin > 0 ? "..." : "";
    const std::size_t lead = text.size();
    std::size_t caret_out = lead;
    for (std::size_t at = begin; at < line.size() && text.size() < limit + lead;) {
        if (at <= caret) caret_out = text.size();
        if (line[at] == '\t') {
            text += line[at++];
            continue;
        }
        const std::string_view rest = std::string_view(line).substr(at);
        const std::size_t length = utf8_length(rest);
        const auto first = static_cast<unsigned char>(line[at]);
        if (length == 0 || first < 0x20 || first == 0x7F || is_unsafe_sequence(rest.substr(0, length))) {
            append_escaped(text, line[at++]);
            continue;
        }
        text += rest.substr(0, length);
        at += length;
    }
    if (caret >= line.size()) caret_out = text.size();
    if (text.size() >= limit + lead) text += "...";
    return {text, caret_out};
}

void append_excerpt(std::string& out, const Diagnostic& diagnostic) {
    const std::string number = std::to_string(diagnostic.place.line);
    const auto column = static_cast<std::size_t>(std::max(diagnostic.place.column, 1) - 1);
    const ShownLine shown = window_around(diagnostic.excerpt->line, column);
    out += number + " | " + shown.text + "\n";
    const std::size_t room = shown.text.size() > shown.caret ? shown.text.size() - shown.caret : 1;
    const std::size_t width = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(diagnostic.excerpt->width, 1)), 1, room);
    out += std::string(number.size(), ' ') + " | " + padding_before(shown.text, shown.caret) + std::string(width, '^');
    if (!diagnostic.excerpt->label.empty()) out += " " + printable(diagnostic.excerpt->label);
    out += "\n";
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += printable(part);
    }
    return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
    const auto is_plain = [](char letter) { return letter >= ' ' && letter < 0x7F; };
    if (text.size() <= limit && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (out.size() >= limit) return out + "...";
        const auto first = static_cast<unsigned char>(text[at]);
        const std::string_view rest = text.substr(at);
        const std::size_t length = utf8_length(rest);
        const bool control = (first < 0x20 && first != '\n') || first == 0x7F;
        if (length == 0 || control || is_unsafe_sequence(rest.substr(0, length))) {
            append_escaped(out, text[at++]);
            continue;
        }
        out += rest.substr(0, length);
        at += length;
    }
    return out;
}

void sort_by_place(Diagnostics& diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
    });
}

std::string render_diagnostic(const Diagnostic& diagnostic, bool colour) {
    const bool is_error = diagnostic.severity == Severity::error;
    std::string out;
    if (colour) out += is_error ? "\x1b[1;31m" : "\x1b[1;33m";
    out += is_error ? "error" : "warning";
    out += "[" + diagnostic.code + "]";
    if (colour) out += "\x1b[0m";
    out += ": " + printable(diagnostic.what, 2000) + "\n";
    if (!diagnostic.place.file.empty()) {
        out += "  --> " + printable(diagnostic.place.file);
        if (diagnostic.place.line > 0) out += ":" + std::to_string(diagnostic.place.line);
        if (diagnostic.place.line > 0 && diagnostic.place.column > 0) out += ":" + std::to_string(diagnostic.place.column);
        out += "\n";
    }
    if (diagnostic.excerpt && diagnostic.place.line > 0) append_excerpt(out, diagnostic);
    for (const std::string& cause : diagnostic.causes) out += "caused by: " + printable(cause, 4000) + "\n";
    if (!diagnostic.nearest.empty()) out += "nearest: " + joined(diagnostic.nearest, "; ") + "\n";
    for (const std::string& note : diagnostic.notes) out += "note: " + printable(note, 4000) + "\n";
    std::vector<std::string> shown;
    for (const std::string& hint : diagnostic.hints) {
        if (std::find(shown.begin(), shown.end(), hint) != shown.end()) continue;
        out += "hint: " + printable(hint) + "\n";
        shown.push_back(hint);
    }
    return out;
}

std::string render_diagnostics(const Diagnostics& diagnostics, bool colour) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!out.empty()) out += "\n";
        out += render_diagnostic(diagnostic, colour);
    }
    return out;
}

}  // namespace sagebuild
