#include "core/text_edit.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

constexpr std::size_t context_lines = 3;

/// Bytes of a line with its end.
std::string_view whole_line(const SourceText& source, std::size_t index) {
    const std::size_t begin = source.line(index).begin;
    const std::size_t end = index + 1 < source.line_count() ? source.line(index + 1).begin : source.bytes().size();
    return source.at({begin, end});
}

void append_line(std::string& out, char sign, std::string_view line) {
    out += sign;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

}  // namespace

std::string apply_edits(const SourceText& source, std::vector<TextEdit> edits) {
    std::stable_sort(edits.begin(), edits.end(), [](const TextEdit& a, const TextEdit& b) { return a.at.begin < b.at.begin; });
    std::string out;
    std::size_t at = 0;
    for (const TextEdit& edit : edits) {
        if (edit.at.begin < at) continue;
        out += source.at({at, edit.at.begin});
        out += edit.text;
        at = edit.at.end;
    }
    out += source.at({at, source.bytes().size()});
    return out;
}

std::string render_diff(const SourceText& before, std::string_view after_bytes) {
    const SourceText after(before.file(), std::string(after_bytes));
    // A line end behind the last line makes one more, empty line, which is none to `diff`.
    const std::size_t count = before.line_count() - (before.line(before.line_count() - 1).size() == 0 ? 1 : 0);
    std::vector<std::size_t> changed;
    for (std::size_t index = 0; index < count; ++index) {
        if (whole_line(before, index) != whole_line(after, index)) changed.push_back(index);
    }
    if (changed.empty()) return "";
    std::string out = "--- " + before.file() + "\n+++ " + before.file() + "\n";
    for (std::size_t first = 0; first < changed.size();) {
        std::size_t last = first;
        while (last + 1 < changed.size() && changed[last + 1] - changed[last] <= 2 * context_lines) ++last;
        const std::size_t begin = changed[first] > context_lines ? changed[first] - context_lines : 0;
        const std::size_t end = std::min(changed[last] + context_lines + 1, count);
        const std::string range = std::to_string(begin + 1) + (end - begin == 1 ? "" : "," + std::to_string(end - begin));
        out += "@@ -" + range + " +" + range + " @@\n";
        for (std::size_t index = begin; index < end;) {
            std::size_t run = index;
            while (run < end && whole_line(before, run) != whole_line(after, run)) ++run;
            for (std::size_t line = index; line < run; ++line) append_line(out, '-', whole_line(before, line));
            for (std::size_t line = index; line < run; ++line) append_line(out, '+', whole_line(after, line));
            if (run == index) append_line(out, ' ', whole_line(before, run++));
            index = run;
        }
        first = last + 1;
    }
    return out;
}

}  // namespace sagebuild
