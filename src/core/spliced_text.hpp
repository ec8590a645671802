#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// Bytes `[begin, end)` of a file.
struct SourceSpan {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const { return end - begin; }
    bool operator==(const SourceSpan&) const = default;
};

/// Text as it is meant, put together from pieces of a file (continued lines joined, quotes and variables resolved): each byte knows the
/// place in the file that it came from, so that a problem in it can be shown, and a change of it be written, where it stands.
class SplicedText {
  public:
    /// Bytes `[begin, end)` of `file` as they are.
    void append(std::string_view file, std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) append(file[at], at);
    }
    void append(char letter, std::size_t source) {
        m_text += letter;
        m_sources.push_back(source);
    }
    /// Text that does not stand in the file like that, such as the value of a variable whose use is at `source`.
    void append_foreign(std::string_view text, std::size_t source) {
        for (const char letter : text) append(letter, source);
    }
    void append(const SplicedText& other) {
        m_text += other.m_text;
        m_sources.insert(m_sources.end(), other.m_sources.begin(), other.m_sources.end());
    }

    const std::string& text() const { return m_text; }
    bool empty() const { return m_text.empty(); }
    std::size_t size() const { return m_text.size(); }
    std::size_t source(std::size_t index) const { return m_sources[index]; }

    SplicedText part(std::size_t begin, std::size_t count = std::string::npos) const {
        SplicedText out;
        out.m_text = m_text.substr(begin, count);
        const auto first = m_sources.begin() + static_cast<std::ptrdiff_t>(begin);
        out.m_sources.assign(first, first + static_cast<std::ptrdiff_t>(out.m_text.size()));
        return out;
    }

    /// From the first to the last byte in the file; of an empty text an empty span at 0.
    SourceSpan span() const { return m_text.empty() ? SourceSpan{} : SourceSpan{m_sources.front(), m_sources.back() + 1}; }

    /// Whether exactly this text stands in the file at `span()`.
    bool is_verbatim(std::string_view file) const {
        return span().end <= file.size() && file.substr(span().begin, span().size()) == m_text;
    }

  private:
    std::string m_text;
    std::vector<std::size_t> m_sources;
};

}  // namespace sagebuild
