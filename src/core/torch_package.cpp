#include "core/torch_package.hpp"

#include <algorithm>

namespace sagebuild {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

/// The string literal behind `name =` or `name: Optional[str] =` at the start of a line.
std::optional<std::string> find_literal(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.starts_with(name) || line.size() == name.size() ||
            std::string_view(" :=").find(line[name.size()]) == std::string_view::npos)
            continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (value.size() < 2 || (value.front() != '\'' && value.front() != '"') || value.back() != value.front()) return std::nullopt;
        return std::string(value.substr(1, value.size() - 2));
    }
    return std::nullopt;
}

/// The release part of a version (PEP 440): digits and dots at its start, at most four parts.
std::optional<Version> release_of(std::string_view version) {
    const std::size_t length = std::min(version.find_first_not_of("0123456789."), version.size());
    std::string_view release = version.substr(0, length);
    while (release.ends_with('.')) release.remove_suffix(1);
    return parse_version(release);
}

}  // namespace

std::optional<TorchPackage> parse_torch_version_file(std::string_view text) {
    const auto full = find_literal(text, "__version__");
    if (!full) return std::nullopt;
    TorchPackage package{.full_version = *full, .version = release_of(*full), .cuda = {}, .rocm = find_literal(text, "hip")};
    if (!package.version) return std::nullopt;
    const std::string_view public_part = std::string_view(*full).substr(0, full->find('+'));
    package.is_prerelease = public_part.find_first_not_of("0123456789.") != std::string_view::npos;
    if (const auto cuda = find_literal(text, "cuda")) package.cuda = parse_version(*cuda);
    return package;
}

std::optional<bool> find_cxx11_abi(std::string_view libc10) {
    if (libc10.find("_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string") != std::string_view::npos) return true;
    if (libc10.find("_ZN3c105ErrorC1ENS_14SourceLocationESs") != std::string_view::npos) return false;
    return std::nullopt;
}

}  // namespace sagebuild
