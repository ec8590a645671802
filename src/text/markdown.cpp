#include "text/markdown.hpp"

#include <algorithm>

#include "core/diagnostic.hpp"

namespace sagebuild {

std::string markdown_code(std::string_view text) {
    std::string line;
    std::size_t run = 0, longest = 0;
    for (const char letter : printable(text)) {
        run = letter == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
        if (letter == '|') line += '\\';
        line += letter == '\n' ? ' ' : letter;
    }
    const std::string fence(longest + 1, '`');
    const bool needs_room = line.empty() || line.front() == '`' || line.back() == '`' || (line.front() == ' ' && line.back() == ' ');
    return needs_room ? fence + " " + line + " " + fence : fence + line + fence;
}

std::string size_text(std::uint64_t bytes) {
    const std::uint64_t tenths = (bytes + 50000) / 100000;
    if (tenths == 0) return std::to_string((bytes + 999) / 1000) + " kB";
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

}  // namespace sagebuild
