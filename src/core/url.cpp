#include "core/url.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sagebuild {

namespace {

constexpr std::size_t longest_url = 8192;

bool is_alpha(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

int hex_value(char letter) {
    if (is_digit(letter)) return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return out;
}

/// Bytes that RFC 3986 does not allow in a path or query are percent-encoded, as browsers do.
std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unsafe = " \"<>\\^`{|}[]";
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte >= 0x80 || unsafe.find(letter) != std::string_view::npos) {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        } else {
            out += letter;
        }
    }
    return out;
}

/// RFC 3986, section 5.2.4, on a path that starts with `/`.
std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> parts;
    bool is_directory = false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(end);
        const std::string plain = percent_decoded(part);  // `%2e%2e` climbs too, once somebody decodes it
        is_directory = plain == "." || plain == "..";
        if (plain == "..") {
            if (!parts.empty()) parts.pop_back();
        } else if (plain != ".") {
            parts.push_back(part);
        }
    }
    std::string out;
    for (const std::string_view part : parts) out.append("/").append(part);
    if (is_directory || out.empty()) out += '/';
    return out;
}

struct Reference {
    std::string_view scheme, path;
    std::optional<std::string_view> authority, query, fragment;
};

/// RFC 3986, appendix B.
Reference split_reference(std::string_view text) {
    Reference parts;
    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
        parts.fragment = text.substr(hash + 1);
        text = text.substr(0, hash);
    }
    if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
        parts.query = text.substr(mark + 1);
        text = text.substr(0, mark);
    }
    const std::size_t colon = text.find(':');
    const auto is_scheme_letter = [](char letter) {
        return is_alpha(letter) || is_digit(letter) || std::string_view("+-.").find(letter) != std::string_view::npos;
    };
    if (colon != std::string_view::npos && colon > 0 && is_alpha(text[0]) &&
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_scheme_letter)) {
        parts.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t end = std::min(text.find('/'), text.size());
        parts.authority = text.substr(0, end);
        text.remove_prefix(end);
    }
    parts.path = text;
    return parts;
}

bool parse_authority(std::string_view text, Url& url) {
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = text.substr(0, at);
        const std::size_t colon = std::min(user.find(':'), user.size());
        url.user = percent_decoded(user.substr(0, colon));
        if (colon < user.size()) url.password = Secret(percent_decoded(user.substr(colon + 1)));
        text.remove_prefix(at + 1);
    }
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    const std::size_t host_end = bracket == std::string_view::npos ? std::min(text.find(':'), text.size()) : bracket + 1;
    url.host = lowered(text.substr(0, host_end));
    const bool is_address = bracket != std::string_view::npos;
    const auto is_legal = [&](char letter) {
        if (is_address) return hex_value(letter) >= 0 || std::string_view(":.[]").find(letter) != std::string_view::npos;
        return is_alpha(letter) || is_digit(letter) || std::string_view(".-_").find(letter) != std::string_view::npos;
    };
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_legal)) return false;
    text.remove_prefix(host_end);
    if (text.empty() || text == ":") return true;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), url.port);
    return text[0] == ':' && error == std::errc() && end == text.data() + text.size() && url.port > 0 && url.port <= 65535;
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; });
}

std::optional<Url> make_url(std::string_view scheme, std::optional<std::string_view> authority, std::string_view path,
                            std::optional<std::string_view> query, std::optional<std::string_view> fragment) {
    Url url;
    url.scheme = lowered(scheme);
    const bool is_file = url.scheme == "file";
    if (!is_file && url.scheme != "http" && url.scheme != "https") return std::nullopt;
    if (is_file) {
        // RFC 8089: no host, or this one.
        if (authority && !authority->empty() && lowered(*authority) != "localhost") return std::nullopt;
        if (!path.starts_with('/')) return std::nullopt;
    } else if (!authority || !parse_authority(*authority, url)) {
        return std::nullopt;
    }
    if (!path.empty() && !path.starts_with('/')) return std::nullopt;
    if (url.port == (url.scheme == "https" ? 443 : 80)) url.port = 0;
    url.path = without_dot_segments(encoded(path));
    if (query) url.query = encoded(*query);
    if (fragment) url.fragment = *fragment;
    return url;
}

std::string text_of(const Url& url) {
    return url.scheme + "://" + url.host + (url.port > 0 ? ":" + std::to_string(url.port) : "") + url.path;
}

}  // namespace

std::string Url::to_string() const {
    return text_of(*this) + (query ? "?" + *query : "");
}

std::string Url::shown() const {
    return text_of(*this) + (query ? "?..." : "");
}

std::string Url::origin() const {
    return scheme + "://" + host + ":" + std::to_string(port > 0 ? port : scheme == "https" ? 443 : 80);
}

bool Url::is_loopback() const {
    const bool is_numeric = std::all_of(host.begin(), host.end(), [](char letter) { return is_digit(letter) || letter == '.'; });
    return host == "localhost" || host == "[::1]" || (is_numeric && host.starts_with("127."));
}

std::string Url::file_name() const {
    return percent_decoded(path.substr(path.rfind('/') + 1));
}

std::string Url::decoded_path() const {
    return percent_decoded(path);
}

std::optional<Url> parse_url(std::string_view text) {
    if (text.size() > longest_url || has_control_character(text)) return std::nullopt;
    const Reference parts = split_reference(text);
    return make_url(parts.scheme, parts.authority, parts.path, parts.query, parts.fragment);
}

std::optional<Url> resolve_url(const Url& base, std::string_view reference) {
    if (reference.size() > longest_url || has_control_character(reference)) return std::nullopt;
    const Reference parts = split_reference(reference);
    if (!parts.scheme.empty()) return make_url(parts.scheme, parts.authority, parts.path, parts.query, parts.fragment);
    if (parts.authority) return make_url(base.scheme, parts.authority, parts.path, parts.query, parts.fragment);
    Url url = base;
    url.fragment = parts.fragment.value_or("");
    if (parts.path.empty()) {
        if (parts.query) url.query = encoded(*parts.query);
        return url;
    }
    const std::string path =
        parts.path.starts_with('/') ? std::string(parts.path) : base.path.substr(0, base.path.rfind('/') + 1) + std::string(parts.path);
    url.path = without_dot_segments(encoded(path));
    url.query.reset();
    if (parts.query) url.query = encoded(*parts.query);
    return url;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (is_alpha(letter) || is_digit(letter) || std::string_view("-._~").find(letter) != std::string_view::npos) {
            out += letter;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_code = text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
        out += is_code ? static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])) : text[at];
        if (is_code) at += 2;
    }
    return out;
}

}  // namespace sagebuild
