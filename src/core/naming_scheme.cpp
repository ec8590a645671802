#include "core/naming_scheme.hpp"

#include <algorithm>

#include "core/compat.hpp"

namespace sagebuild {

namespace {

int number_of(std::string_view digits) {
    int value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    return value;
}

/// `280` with two letters of minor and patch: `2`, `8`, `0`.
Version split_xyz(std::string_view digits) {
    return Version(
        {number_of(digits.substr(0, 1)), number_of(digits.substr(1, digits.size() - 2)), number_of(digits.substr(digits.size() - 1))});
}

/// `28` is 2.8; `280` is 2.8.0 or 2.80, `210` is 2.1.0 or 2.10: whichever torch minor exists, the reading with a patch first.
std::optional<Version> split_joined(std::string_view digits, const Compat& compat) {
    if (digits.size() >= 3) {
        Version with_patch = split_xyz(digits);
        if (compat.find_torch(with_patch) != nullptr) return with_patch;
    }
    Version minor({number_of(digits.substr(0, 1)), number_of(digits.substr(1))});
    if (compat.find_torch(minor) != nullptr) return minor;
    return std::nullopt;
}

/// `12` is a major version, `128` and `12.8` are 12.8; two digits from 30 on are `9.2` and the like.
std::optional<Version> split_cuda(std::string_view text) {
    if (text.find('.') != std::string_view::npos) return parse_version(text);
    if (text.size() == 3) return Version({number_of(text.substr(0, 2)), number_of(text.substr(2))});
    const int both = number_of(text);
    return both < 30 ? Version({both}) : Version({both / 10, both % 10});
}

void take(const NameCapture& capture, WheelFacts& facts, const Compat& compat) {
    switch (capture.field) {
        case NameField::torch:
            facts.torch = parse_version(capture.text);
            break;
        case NameField::torch_xyz:
            facts.torch = split_xyz(capture.text);
            break;
        case NameField::torch_joined:
            facts.torch = split_joined(capture.text, compat);
            break;
        case NameField::container:
            facts.is_container = true;
            facts.torch_text = std::string(capture.text);
            break;
        case NameField::cuda:
            facts.cuda = split_cuda(capture.text);
            break;
        case NameField::abi:
            facts.cxx11_abi = capture.text == "true" || capture.text == "1";
            break;
        case NameField::sm:
            if (const auto arch = parse_compiler_arch(capture.text)) facts.archs.push_back(*arch);
            break;
        case NameField::version:
        case NameField::number:
        case NameField::hex:
            break;
    }
    if (facts.torch) facts.torch_text = facts.torch->to_string();
}

/// Small letters, separators as dots (version specifiers, PyPA, «Local version identifiers»).
std::string fold(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        if (letter == '_' || letter == '-') letter = '.';
    }
    return out;
}

}  // namespace

std::string normalise_project(std::string_view name) {
    std::string out;
    for (const char letter : name) {
        if (letter == '-' || letter == '_' || letter == '.') {
            if (!out.ends_with('-')) out += '-';
        } else {
            out += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        }
    }
    return out;
}

WheelFacts read_wheel_facts(const WheelName& name, const Compat& compat) {
    WheelFacts facts;
    const std::size_t plus = name.version.find('+');
    const std::string local = plus == std::string::npos ? "" : fold(std::string_view(name.version).substr(plus + 1));
    const std::string build = fold(name.build);
    std::string project;  // normalised when the first scheme asks
    for (const NamingScheme& scheme : compat.naming.schemes) {
        const std::string& text = scheme.in_build_tag ? build : local;
        if (text.empty()) continue;
        if (!scheme.projects.empty()) {
            if (project.empty()) project = normalise_project(name.distribution);
            if (std::find(scheme.projects.begin(), scheme.projects.end(), project) == scheme.projects.end()) continue;
        }
        const auto captures = scheme.pattern.match(text);
        if (!captures) continue;
        for (const NameCapture& capture : *captures) take(capture, facts, compat);
        facts.torch_or_later = scheme.torch_or_later;
        facts.backend = scheme.backend;
        facts.scheme = scheme.name;
        break;
    }
    return facts;
}

}  // namespace sagebuild
