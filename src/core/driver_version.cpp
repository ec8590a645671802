#include "core/driver_version.hpp"

#include <algorithm>
#include <charconv>

namespace sagebuild {

std::optional<DriverVersion> parse_driver_version(std::string_view text) {
    DriverVersion version;
    version.m_text = std::string(text);
    std::string_view rest = text;
    while (true) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        const std::string_view part = rest.substr(0, end);
        int value = 0;
        const auto [last, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        const bool is_number = error == std::errc() && last == part.data() + part.size() && part.front() != '-';
        if (part.empty() || part.size() > 5 || !is_number || version.m_parts.size() == 4) return std::nullopt;
        version.m_parts.push_back(value);
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    while (version.m_parts.size() > 1 && version.m_parts.back() == 0) version.m_parts.pop_back();
    return version;
}

}  // namespace sagebuild
