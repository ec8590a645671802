#include "core/torch_requirement.hpp"

#include <algorithm>
#include <vector>

namespace sagebuild {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The leading release number of a version: `2.9.1` of `2.9.1rc1+cu129`.
std::optional<Version> release_of(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') ||
                                 (text[end] == '.' && end + 1 < text.size() && text[end + 1] >= '0' && text[end + 1] <= '9'))) {
        ++end;
    }
    return parse_version(text.substr(0, end));
}

std::optional<TorchPin> parse_clause(std::string_view clause) {
    const bool is_compatible = clause.starts_with("~=");
    if (!is_compatible && !clause.starts_with("==")) return std::nullopt;
    clause.remove_prefix(clause.starts_with("===") ? 3 : 2);
    clause = trimmed(clause);
    TorchPin pin;
    const std::size_t plus = clause.find('+');
    if (plus != std::string_view::npos) pin.build = parse_torch_build(clause.substr(plus + 1));
    std::string_view release = clause.substr(0, plus);
    const bool is_prefix = release.ends_with(".*");
    if (is_prefix) release.remove_suffix(2);
    const auto version = release_of(release);
    if (!version) return std::nullopt;
    pin.version = *version;
    // `~=2.9` allows every 2.x, `==2.*` too.
    if (is_compatible) {
        if (version->size() < 3) return std::nullopt;
        pin.version = version->prefix(version->size() - 1);
    }
    if (is_prefix && version->size() < 2) return std::nullopt;
    return pin;
}

}  // namespace

std::optional<TorchBuild> parse_torch_build(std::string_view text) {
    if (text == "cpu") return TorchBuild{std::nullopt, true};
    if (!text.starts_with("cu")) return std::nullopt;
    const std::string_view digits = text.substr(2);
    const bool all_digits = std::all_of(digits.begin(), digits.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
    if (!all_digits || digits.size() < 3 || digits.size() > 4) return std::nullopt;
    const auto cuda = parse_version(std::string(digits.substr(0, 2)) + "." + std::string(digits.substr(2)));
    if (!cuda) return std::nullopt;
    return TorchBuild{cuda, false};
}

std::optional<TorchBuild> build_of_index(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return parse_torch_build(url.substr(url.rfind('/') + 1));
}

std::optional<TorchPin> parse_torch_pin(std::string_view specifier) {
    std::optional<TorchPin> found;
    while (!specifier.empty()) {
        const std::size_t comma = specifier.find(',');
        auto pin = parse_clause(trimmed(specifier.substr(0, comma)));
        if (pin && (!found || pin->version.size() > found->version.size())) found = std::move(pin);
        if (comma == std::string_view::npos) break;
        specifier.remove_prefix(comma + 1);
    }
    return found;
}

}  // namespace sagebuild
