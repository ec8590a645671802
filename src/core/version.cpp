#include "core/version.hpp"

#include <algorithm>

namespace sagebuild {

std::string Version::to_string() const {
    std::string out;
    for (std::size_t index = 0; index < m_parts.size(); ++index) {
        if (index > 0) out += '.';
        out += std::to_string(m_parts[index]);
    }
    return out;
}

Version Version::prefix(std::size_t count) const {
    return Version(std::vector<int>(m_parts.begin(), m_parts.begin() + static_cast<std::ptrdiff_t>(std::min(count, m_parts.size()))));
}

bool Version::starts_with(const Version& shorter) const {
    return shorter.m_parts.size() <= m_parts.size() && std::equal(shorter.m_parts.begin(), shorter.m_parts.end(), m_parts.begin());
}

std::strong_ordering operator<=>(const Version& left, const Version& right) {
    for (std::size_t index = 0; index < std::max(left.size(), right.size()); ++index) {
        if (const auto order = left.part(index) <=> right.part(index); order != 0) return order;
    }
    return std::strong_ordering::equal;
}

std::optional<Version> parse_version(std::string_view text) {
    std::vector<int> parts;
    std::size_t at = 0;
    while (true) {
        const std::size_t begin = at;
        int value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 5) value = value * 10 + (text[at++] - '0');
        const std::size_t digits = at - begin;
        if (digits == 0 || digits > 4 || (digits > 1 && text[begin] == '0')) return std::nullopt;
        parts.push_back(value);
        if (at == text.size()) return Version(std::move(parts));
        if (text[at++] != '.' || parts.size() == 4) return std::nullopt;
    }
}

}  // namespace sagebuild
