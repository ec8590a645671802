#include "text/yaml_encoding.hpp"

#include <algorithm>
#include <cstdint>

namespace sagebuild {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;  ///< 0: not valid UTF-8
};

/// RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
Character decode(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
    std::uint32_t code = first & (0xFFu >> (length + 1));
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte(index) & 0xC0) != 0x80) return {};
        code = (code << 6) | (byte(index) & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length};
}

bool is_control(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/// U+202A to U+202E and U+2066 to U+2069 (Unicode Standard Annex 9) let a line look different from what it says.
bool reverses_direction(std::uint32_t code) {
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string code_point(std::uint32_t code) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string hex;
    for (; code > 0 || hex.size() < 4; code >>= 4) hex.insert(hex.begin(), digits[code & 15]);
    return "U+" + hex;
}

std::string byte_hex(char byte) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(byte);
    return {'0', 'x', digits[value >> 4], digits[value & 15]};
}

}  // namespace

std::optional<EncodingFault> find_encoding_fault(std::string_view bytes) {
    const std::string save_as = "save the file as UTF-8 without a byte order mark";
    if (bytes.starts_with("\xEF\xBB\xBF")) return EncodingFault{"file begins with a byte order mark", save_as, 1, 1, 3};
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
        return EncodingFault{"file is UTF-16 or UTF-32, not UTF-8", save_as, 1, 1, 2};
    int line = 1;
    std::size_t line_begin = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const Character character = decode(bytes.substr(at));
        const auto fault = [&](std::string what, std::string hint) {
            const int width = static_cast<int>(std::max<std::size_t>(character.length, 1));
            return EncodingFault{std::move(what), std::move(hint), line, static_cast<int>(at - line_begin) + 1, width};
        };
        if (character.length == 0)
            return fault("file is not UTF-8: byte " + byte_hex(bytes[at]) + " begins no character", "save the file as UTF-8");
        const bool line_end = bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n';
        if (character.code == '\n') {
            ++line;
            line_begin = at + 1;
        } else if (is_control(character.code) && character.code != '\t' && !line_end) {
            return fault("file holds the control character " + code_point(character.code), "delete it");
        } else if (reverses_direction(character.code)) {
            return fault("file holds " + code_point(character.code) + ", which changes the direction of text", "delete it");
        }
        at += character.length;
    }
    return std::nullopt;
}

bool has_control_characters(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Character character = decode(text.substr(at));
        if (character.length == 0 || is_control(character.code) || reverses_direction(character.code)) return true;
        at += character.length;
    }
    return false;
}

}  // namespace sagebuild
