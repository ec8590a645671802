#include "core/source_text.hpp"

#include <algorithm>

namespace sagebuild {

SourceText::SourceText(std::string file, std::string bytes) : m_file(std::move(file)), m_bytes(std::move(bytes)), m_line_begins{0} {
    for (std::size_t at = m_bytes.find('\n'); at != std::string::npos; at = m_bytes.find('\n', at + 1)) m_line_begins.push_back(at + 1);
}

std::size_t SourceText::line_of(std::size_t offset) const {
    const auto after = std::upper_bound(m_line_begins.begin(), m_line_begins.end(), offset);
    return static_cast<std::size_t>(after - m_line_begins.begin()) - 1;
}

SourceSpan SourceText::line(std::size_t index) const {
    const std::size_t begin = m_line_begins[index];
    if (index + 1 == m_line_begins.size()) return {begin, m_bytes.size()};
    std::size_t end = m_line_begins[index + 1] - 1;
    if (end > begin && m_bytes[end - 1] == '\r') --end;
    return {begin, end};
}

Place SourceText::place(std::size_t offset) const {
    const std::size_t index = line_of(offset);
    return {m_file, static_cast<int>(index + 1), static_cast<int>(offset - m_line_begins[index] + 1)};
}

Diagnostic SourceText::error(SourceSpan span, std::string code, std::string what, std::string label) const {
    Diagnostic diagnostic{std::move(code), std::move(what), place(span.begin)};
    const SourceSpan shown = line(line_of(span.begin));
    const std::size_t end = std::max(std::min(span.end, shown.end), span.begin);
    diagnostic.excerpt = Excerpt{std::string(at(shown)), static_cast<int>(std::max<std::size_t>(end - span.begin, 1)), std::move(label)};
    return diagnostic;
}

}  // namespace sagebuild
