#include "core/yaml_insert.hpp"

#include <algorithm>
#include <vector>

namespace sagebuild {

namespace {

/// The lines of a file with their ends.
class Lines {
  public:
    explicit Lines(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
            m_lines.emplace_back(text.substr(0, end));
            text.remove_prefix(end);
        }
    }

    std::size_t size() const { return m_lines.size(); }
    std::string_view body(std::size_t index) const {
        std::string_view line = m_lines[index];
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }
    std::size_t indentation(std::size_t index) const { return std::min(body(index).find_first_not_of(' '), body(index).size()); }
    bool is_blank(std::size_t index) const { return indentation(index) == body(index).size(); }

    /// What stands behind `key:` or `"key":`, empty if the line is of another key.
    std::optional<std::string_view> value_of(std::size_t index, std::size_t indentation_of_key, std::string_view key) const {
        std::string_view line = body(index).substr(indentation(index));
        const bool is_quoted = line.starts_with('"');
        if (is_quoted) line.remove_prefix(1);
        if (indentation(index) != indentation_of_key || !line.starts_with(key)) return std::nullopt;
        line.remove_prefix(key.size());
        if (!line.starts_with(is_quoted ? "\":" : ":")) return std::nullopt;
        return line.substr(is_quoted ? 2 : 1);
    }

    /// The line with `key` as a block's head, alone but for a comment, in `[begin, end)`.
    std::optional<std::size_t> find_head(std::size_t begin, std::size_t end, std::size_t indentation_of_key, std::string_view key) const {
        for (std::size_t at = begin; at < end; ++at) {
            const auto value = value_of(at, indentation_of_key, key);
            if (!value) continue;
            const std::size_t rest = value->find_first_not_of(' ');
            if (rest == std::string_view::npos || (rest > 0 && (*value)[rest] == '#')) return at;
        }
        return std::nullopt;
    }

    /// Behind the last line of the block below a head; blank lines and comments at its end belong to what follows.
    std::size_t block_end(std::size_t head) const {
        std::size_t end = head + 1;
        for (std::size_t at = head + 1; at < size(); ++at) {
            if (is_blank(at)) continue;
            const bool is_item = indentation(at) == indentation(head) && body(at).substr(indentation(at)).starts_with("- ");
            if (indentation(at) <= indentation(head) && !is_item) break;
            end = at + 1;
        }
        return end;
    }

    /// Below line `index - 1`, with its line end.
    void insert(std::size_t index, std::string_view text) {
        const std::string end = m_lines[index - 1].ends_with("\r\n") ? "\r\n" : "\n";
        if (!m_lines[index - 1].ends_with('\n')) m_lines[index - 1] += end;
        std::string added;
        for (const char letter : text) {
            if (letter == '\n') {
                added += end;
            } else {
                added += letter;
            }
        }
        m_lines.insert(m_lines.begin() + static_cast<std::ptrdiff_t>(index), added + end);
    }
    void erase(std::size_t index) { m_lines.erase(m_lines.begin() + static_cast<std::ptrdiff_t>(index)); }

    std::string text() const {
        std::string all;
        for (const std::string& line : m_lines) all += line;
        return all;
    }

  private:
    std::vector<std::string> m_lines;
};

constexpr std::size_t release_indentation = 2;
constexpr std::size_t field_indentation = 4;

/// `- "13.4"   # why`
bool is_item_of(std::string_view line, const std::string& value) {
    return line == "- \"" + value + "\"" || line.starts_with("- \"" + value + "\" ");
}

void erase_unverified(Lines& lines, std::size_t release, const Version& cuda) {
    const auto head = lines.find_head(release + 1, lines.block_end(release), field_indentation, "unverified");
    if (!head) return;
    const std::size_t end = lines.block_end(*head);
    for (std::size_t at = *head + 1; at < end; ++at) {
        if (!is_item_of(lines.body(at).substr(lines.indentation(at)), cuda.to_string())) continue;
        lines.erase(at);
        if (end == *head + 2) lines.erase(*head);  // it was the only one
        return;
    }
}

}  // namespace

std::optional<std::string> insert_item(std::string_view text, std::string_view key, std::string_view item) {
    Lines lines(text);
    const auto head = lines.find_head(0, lines.size(), 0, key);
    if (!head) return std::nullopt;
    const std::size_t end = lines.block_end(*head);
    for (std::size_t at = *head + 1; at < end; ++at) {
        const std::size_t indentation = lines.indentation(at);
        if (!lines.body(at).substr(indentation).starts_with("- ")) continue;
        lines.insert(end, std::string(indentation, ' ') + std::string(item));
        return lines.text();
    }
    return std::nullopt;
}

std::optional<std::string> insert_torch_release(std::string_view text, std::string_view entry) {
    Lines lines(text);
    const auto head = lines.find_head(0, lines.size(), 0, "torch");
    if (!head || lines.block_end(*head) == *head + 1) return std::nullopt;
    lines.insert(lines.block_end(*head), entry);
    return lines.text();
}

std::optional<std::string> insert_torch_variant(std::string_view text, const Version& torch, const Version& cuda, std::string_view line) {
    Lines lines(text);
    const auto head = lines.find_head(0, lines.size(), 0, "torch");
    if (!head) return std::nullopt;
    const auto release = lines.find_head(*head + 1, lines.block_end(*head), release_indentation, torch.to_string());
    if (!release) return std::nullopt;
    const auto variants = lines.find_head(*release + 1, lines.block_end(*release), field_indentation, "variants");
    if (!variants) return std::nullopt;
    lines.insert(lines.block_end(*variants), line);
    erase_unverified(lines, *release, cuda);
    return lines.text();
}

std::string insert_source(std::string_view text, std::string_view name, std::string_view description) {
    Lines lines(text);
    const auto head = lines.find_head(0, lines.size(), 0, "sources");
    if (!head) return std::string(text);
    const std::size_t end = lines.block_end(*head);
    for (std::size_t at = *head + 1; at < end; ++at) {
        if (lines.value_of(at, release_indentation, name)) return std::string(text);
    }
    lines.insert(end, "  " + std::string(name) + ": \"" + std::string(description) + "\"");
    return lines.text();
}

}  // namespace sagebuild
