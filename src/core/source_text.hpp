#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/spliced_text.hpp"

namespace sagebuild {

/// A file that is kept byte for byte, with its lines: `\n` or `\r\n` end one, the last may have no end.
class SourceText {
  public:
    SourceText() : m_line_begins{0} {}
    SourceText(std::string file, std::string bytes);

    const std::string& file() const { return m_file; }
    const std::string& bytes() const { return m_bytes; }
    std::string_view at(SourceSpan span) const { return std::string_view(m_bytes).substr(span.begin, span.size()); }

    std::size_t line_count() const { return m_line_begins.size(); }
    /// Line of a byte, from 0.
    std::size_t line_of(std::size_t offset) const;
    /// Bytes of a line without its end.
    SourceSpan line(std::size_t index) const;

    Place place(std::size_t offset) const;
    /// An error that points at `span`; of a span over several lines at its part in the first.
    Diagnostic error(SourceSpan span, std::string code, std::string what, std::string label = "") const;

  private:
    std::string m_file;
    std::string m_bytes;
    std::vector<std::size_t> m_line_begins;
};

}  // namespace sagebuild
