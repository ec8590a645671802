#include "text/zip.hpp"

namespace sagebuild {

std::string explain_illegal_path(std::string_view path) {
    constexpr std::size_t longest = 1024;
    if (path.empty()) return "is empty";
    if (path.size() > longest) return "is longer than 1024 bytes";
    for (const char letter : path) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7F) return "holds a control character";
        if (letter == '\\') return "holds a backslash";
        if (letter == ':') return "holds a colon";  // a drive or a stream on Windows
    }
    if (path.front() == '/') return "is absolute";
    while (true) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (part == "..") return "leaves the archive";
        if (part.empty() || part == ".") return "has an empty part";
        if (slash == std::string_view::npos) return "";
        path.remove_prefix(slash + 1);
    }
}

}  // namespace sagebuild
