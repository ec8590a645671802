#include "core/wheel_url.hpp"

#include <algorithm>
#include <cctype>

namespace sagebuild {

namespace {

int hex_value(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

std::string_view path_of_url(std::string_view url) {
    return url.substr(0, has_scheme(url) ? url.find_first_of("?#") : url.find('#'));
}

}  // namespace

std::string normalized_distribution(std::string_view name) {
    std::string out;
    for (const char letter : name) {
        const bool separates = letter == '-' || letter == '_' || letter == '.';
        if (separates && out.ends_with('-')) continue;
        out += separates ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    return out;
}

std::string decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_escape = text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
        if (!is_escape) {
            out += text[at];
            continue;
        }
        out += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
        at += 2;
    }
    return out;
}

std::string encode_file_name(std::string_view name) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char letter : name) {
        const bool is_plain =
            std::isalnum(static_cast<unsigned char>(letter)) != 0 || std::string_view("-._~").find(letter) != std::string_view::npos;
        if (is_plain) {
            out += letter;
        } else {
            const auto value = static_cast<unsigned char>(letter);
            out += '%';
            out += digits[value >> 4];
            out += digits[value & 15];
        }
    }
    return out;
}

std::string file_name_of_url(std::string_view url) {
    const std::string_view path = path_of_url(url);
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return has_scheme(url) ? decode_percent(name) : std::string(name);
}

std::string directory_of_url(std::string_view url) {
    const std::string_view path = path_of_url(url);
    return std::string(path.substr(0, path.rfind('/') + 1));
}

std::string release_tag_of_url(std::string_view url) {
    static constexpr std::string_view marker = "/releases/download/";
    const std::size_t begin = url.find(marker);
    if (begin == std::string_view::npos) return "";
    const std::string_view rest = url.substr(begin + marker.size());
    const std::size_t end = rest.rfind('/');
    return end == std::string_view::npos ? "" : decode_percent(rest.substr(0, end));
}

bool is_wheel_url(std::string_view url) {
    return file_name_of_url(url).ends_with(".whl");
}

bool has_scheme(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    return std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '+' || letter == '-' || letter == '.'; });
}

}  // namespace sagebuild
