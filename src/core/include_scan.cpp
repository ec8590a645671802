#include "core/include_scan.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace sagebuild {

namespace {

/// Translation phase 2 (C++ [lex.phases]): a backslash before a line end joins the lines.
std::string join_continued_lines(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t at = 0; at < source.size(); ++at) {
        if (source[at] == '\\' && source.substr(at + 1).starts_with("\r\n")) {
            at += 2;
        } else if (source[at] == '\\' && at + 1 < source.size() && source[at + 1] == '\n') {
            ++at;
        } else {
            out += source[at];
        }
    }
    return out;
}

/// Translation phase 3: comments become spaces. String literals end at their line at the latest.
std::string strip_comments(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    bool in_string = false;
    for (std::size_t at = 0; at < source.size(); ++at) {
        const std::string_view rest = source.substr(at);
        if (in_string) {
            if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) {
                out += source[at++];
            } else if (source[at] == '"' || source[at] == '\n') {
                in_string = false;
            }
            out += source[at];
        } else if (rest.starts_with("//")) {
            const std::size_t end = std::min(source.find('\n', at), source.size());
            at = end - 1;
        } else if (rest.starts_with("/*")) {
            const std::size_t end = source.find("*/", at + 2);
            out += ' ';
            at = end == std::string_view::npos ? source.size() : end + 1;
        } else {
            in_string = source[at] == '"';
            out += source[at];
        }
    }
    return out;
}

std::string_view skip_spaces(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t\r\f\v");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

std::optional<IncludeDirective> parse_directive(std::string_view line) {
    line = skip_spaces(line);
    if (!line.starts_with('#')) return std::nullopt;
    line = skip_spaces(line.substr(1));
    if (!line.starts_with("include")) return std::nullopt;
    line = line.substr(7);
    if (line.starts_with("_next")) line = line.substr(5);
    line = skip_spaces(line);
    if (line.empty()) return std::nullopt;
    const bool quoted = line[0] == '"';
    if (!quoted && line[0] != '<') return IncludeDirective{.path = "", .computed = true};
    const std::size_t end = line.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) return std::nullopt;
    return IncludeDirective{.path = std::string(line.substr(1, end - 1)), .quoted = quoted};
}

void append_directives(std::string_view text, std::vector<IncludeDirective>& found) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto directive = parse_directive(text.substr(0, end))) {
            if (std::find(found.begin(), found.end(), *directive) == found.end()) found.push_back(*directive);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::vector<IncludeDirective> scan_includes(std::string_view source) {
    const std::string joined = join_continued_lines(source);
    std::vector<IncludeDirective> found;
    append_directives(strip_comments(joined), found);
    // Raw strings and quotes in character literals can mislead the stripping: what stands at the start of a line counts in any case.
    append_directives(joined, found);
    return found;
}

std::string join_source_path(std::string_view directory, std::string_view name) {
    const std::string whole = std::string(directory) + "/" + std::string(name);
    std::vector<std::string_view> parts;
    std::string_view rest = whole;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view part = rest.substr(0, end);
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::string out;
    for (const std::string_view part : parts) {
        if (!out.empty()) out += '/';
        out += part;
    }
    return out;
}

std::vector<std::string> find_included_files(const std::string& file, const std::vector<std::string>& include_directories,
                                             const SourceTree& sources) {
    std::set<std::string> seen = {file};
    std::vector<std::string> waiting = {file};
    const auto add = [&](const std::string& path) {
        if (sources.contains(path) && seen.insert(path).second) waiting.push_back(path);
    };
    while (!waiting.empty()) {
        const std::string current = waiting.back();
        waiting.pop_back();
        const auto found = sources.find(current);
        if (found == sources.end()) continue;
        for (const IncludeDirective& directive : scan_includes(found->second)) {
            if (directive.quoted) add(join_source_path(directory_of(current), directive.path));
            for (const std::string& directory : include_directories) {
                if (!directive.computed) {
                    add(join_source_path(directory, directive.path));
                    continue;
                }
                const std::string below = directory + "/";
                for (auto entry = sources.lower_bound(below); entry != sources.end() && entry->first.starts_with(below); ++entry)
                    add(entry->first);
            }
        }
    }
    return {seen.begin(), seen.end()};
}

}  // namespace sagebuild
