#include "text/matrix_names.hpp"

#include <algorithm>
#include <array>

#include "core/version.hpp"

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_letter_or_digit(char letter) {
    return is_digit(letter) || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}

/// The first character that is no letter, no digit and not in `others`.
std::optional<std::string> find_foreign_character(std::string_view name, std::string_view others) {
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (is_letter_or_digit(name[at]) || others.find(name[at]) != std::string_view::npos) continue;
        std::size_t end = at + 1;
        while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) ++end;  // the rest of a UTF-8 character
        return "holds `" + std::string(name.substr(at, end - at)) + "`";
    }
    return std::nullopt;
}

/// Python 3 language reference, section 2.3.1 «Keywords».
bool is_python_keyword(std::string_view name) {
    static constexpr std::array<std::string_view, 35> keywords = {
        "False",  "None",     "True", "and",    "as",   "assert", "async",   "await",  "break", "class",  "continue", "def",
        "del",    "elif",     "else", "except", "for",  "from",   "finally", "global", "if",    "import", "in",       "is",
        "lambda", "nonlocal", "not",  "or",     "pass", "raise",  "return",  "try",    "while", "with",   "yield"};
    return std::find(keywords.begin(), keywords.end(), name) != keywords.end();
}

/// Digits, then one part per `_`: `_2_17` of `manylinux_2_17`.
bool is_glibc_suffix(std::string_view text) {
    const std::size_t middle = text.find('_', 1);
    if (!text.starts_with('_') || middle == std::string_view::npos || middle == 1 || middle + 1 == text.size()) return false;
    const auto digits = [](std::string_view part) { return part.size() <= 3 && std::all_of(part.begin(), part.end(), is_digit); };
    return digits(text.substr(1, middle - 1)) && digits(text.substr(middle + 1));
}

std::optional<std::string> find_platform_fault(std::string_view name) {
    static constexpr std::array<std::string_view, 4> fixed = {"linux", "manylinux1", "manylinux2010", "manylinux2014"};
    if (std::find(fixed.begin(), fixed.end(), name) != fixed.end()) return std::nullopt;
    if (name.starts_with("manylinux") && is_glibc_suffix(name.substr(9))) return std::nullopt;
    return "is neither `linux` nor a manylinux tag";
}

}  // namespace

std::optional<std::string> find_name_fault(std::string_view name, NameKind kind) {
    constexpr std::size_t longest = 64;
    if (name.size() > longest) return "is longer than " + std::to_string(longest) + " characters";
    switch (kind) {
        case NameKind::distribution:
            if (auto fault = find_foreign_character(name, "._-")) return fault;
            if (!is_letter_or_digit(name.front())) return "begins with neither a letter nor a digit";
            if (!is_letter_or_digit(name.back())) return "ends with neither a letter nor a digit";
            return std::nullopt;
        case NameKind::module:
            if (auto fault = find_foreign_character(name, "_")) return fault;
            if (is_digit(name.front())) return "begins with a digit";
            if (is_python_keyword(name)) return "is a Python keyword";
            return std::nullopt;
        case NameKind::bake:
            return find_foreign_character(name, "_-");
        case NameKind::unit:
            if (auto fault = find_foreign_character(name, "_")) return fault;
            if (is_digit(name.front())) return "begins with a digit";
            return std::nullopt;
        case NameKind::library:
            if (auto fault = find_foreign_character(name, "._-")) return fault;
            if (!name.ends_with(".so") || name.size() == 3) return "does not end in `.so`";
            return std::nullopt;
        case NameKind::platform:
            return find_platform_fault(name);
    }
    return std::nullopt;
}

std::string_view name_rule(NameKind kind) {
    switch (kind) {
        case NameKind::distribution:
            return "letters, digits, `.`, `_` and `-`, a letter or digit at both ends (PEP 508)";
        case NameKind::module:
            return "a Python identifier: letters, digits and `_`, no digit first, no keyword";
        case NameKind::bake:
            return "letters, digits, `_` and `-`";
        case NameKind::unit:
            return "letters, digits and `_`, no digit first";
        case NameKind::library:
            return "a file name that ends in `.so`";
        case NameKind::platform:
            return "`linux`, or a manylinux tag without its CPU such as `manylinux_2_17` (PEP 600)";
    }
    return "";
}

std::optional<std::string> find_path_fault(std::string_view path) {
    if (path.starts_with('/')) return "is absolute";
    if (path.ends_with('/')) return "ends in `/`";
    if (auto fault = find_foreign_character(path, "._+-/")) return fault;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part == "..") return "leaves its directory through `..`";
        if (part == "." && path.size() > 1) return "holds a `.` part";
        if (part.empty()) return "holds an empty part";
        begin = end + 1;
    }
    return std::nullopt;
}

bool is_minimum(std::string_view requirement) {
    return requirement.starts_with(">=") && parse_version(requirement.substr(2));
}

}  // namespace sagebuild
