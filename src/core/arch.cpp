#include "core/arch.hpp"

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

std::string suffix_of(ArchFeature feature) {
    switch (feature) {
        case ArchFeature::family:
            return "f";
        case ArchFeature::specific:
            return "a";
        case ArchFeature::portable:
            break;
    }
    return "";
}

ArchFeature take_suffix(std::string_view& text) {
    if (text.ends_with('a') || text.ends_with('f')) {
        const ArchFeature feature = text.back() == 'a' ? ArchFeature::specific : ArchFeature::family;
        text.remove_suffix(1);
        return feature;
    }
    return ArchFeature::portable;
}

/// One or two digits without a leading zero, from 1.
std::optional<int> parse_major(std::string_view text) {
    if (text.empty() || text.size() > 2 || text[0] == '0') return std::nullopt;
    int value = 0;
    for (const char letter : text) {
        if (!is_digit(letter)) return std::nullopt;
        value = value * 10 + (letter - '0');
    }
    return value;
}

}  // namespace

std::string Arch::to_string() const {
    return std::to_string(major) + "." + std::to_string(minor) + suffix_of(feature);
}

std::string Arch::compiler_name() const {
    return std::to_string(major) + std::to_string(minor) + suffix_of(feature);
}

std::optional<Arch> parse_arch(std::string_view text) {
    const ArchFeature feature = take_suffix(text);
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot + 2 != text.size() || !is_digit(text[dot + 1])) return std::nullopt;
    const auto major = parse_major(text.substr(0, dot));
    if (!major) return std::nullopt;
    return Arch{*major, text[dot + 1] - '0', feature};
}

std::optional<Arch> parse_compiler_arch(std::string_view text) {
    const ArchFeature feature = take_suffix(text);
    if (text.size() < 2 || !is_digit(text.back())) return std::nullopt;
    const auto major = parse_major(text.substr(0, text.size() - 1));
    if (!major) return std::nullopt;
    return Arch{*major, text.back() - '0', feature};
}

}  // namespace sagebuild
