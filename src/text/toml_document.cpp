#include "text/toml_document.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "text/text_file.hpp"

namespace sagebuild {

namespace {

class TreeReader {
  public:
    explicit TreeReader(const SourceText& source) : m_source(source) {}

    TomlNode read(const toml::node& node) const {
        TomlNode out;
        out.at = {offset_of(node.source().begin), offset_of(node.source().end)};
        if (const toml::table* table = node.as_table()) {
            out.kind = TomlNode::Kind::table;
            for (const auto& [key, value] : *table) out.entries.push_back({std::string(key.str()), read(value)});
            // The library keeps keys sorted by name.
            std::stable_sort(out.entries.begin(), out.entries.end(),
                             [](const auto& a, const auto& b) { return a.value.at.begin < b.value.at.begin; });
        } else if (const toml::array* array = node.as_array()) {
            out.kind = TomlNode::Kind::array;
            for (const toml::node& item : *array) out.items.push_back(read(item));
        } else if (const auto* text = node.as_string()) {
            out.kind = TomlNode::Kind::string;
            out.text = splice(text->get(), out.at);
        }
        return out;
    }

    /// The library counts columns in characters, from 1.
    std::size_t offset_of(const toml::source_position& position) const {
        const auto index = static_cast<std::size_t>(std::max<toml::source_index>(position.line, 1)) - 1;
        if (index >= m_source.line_count()) return m_source.bytes().size();
        const SourceSpan line = m_source.line(index);
        std::size_t at = line.begin + (index == 0 && m_source.bytes().starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
        for (toml::source_index column = 1; column < position.column && at < m_source.bytes().size(); ++column) {
            ++at;
            while (at < m_source.bytes().size() && (static_cast<unsigned char>(m_source.bytes()[at]) & 0xC0) == 0x80) ++at;
        }
        return at;
    }

  private:
    /// A string without escapes stands in the file as it is, between its quotes.
    SplicedText splice(const std::string& value, SourceSpan at) const {
        SplicedText out;
        const std::string_view raw = m_source.at(at);
        const std::size_t quote = raw.starts_with("\"\"\"") || raw.starts_with("'''") ? 3 : 1;
        if (raw.size() == value.size() + 2 * quote && raw.substr(quote, value.size()) == value) {
            out.append(m_source.bytes(), at.begin + quote, at.end - quote);
        } else {
            out.append_foreign(value, at.begin);
        }
        return out;
    }

    const SourceText& m_source;
};

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

const TomlNode* TomlNode::find(std::initializer_list<std::string_view> path) const {
    const TomlNode* node = this;
    for (const std::string_view key : path) {
        if (node != nullptr) node = node->find(key);
    }
    return node;
}

const std::string& TomlNode::string_or_empty() const {
    return text.text();
}

Result<TomlDocument> parse_toml(std::string_view bytes, const std::string& file, std::size_t limit) {
    SAGEBUILD_CHECK(check_text_file(bytes, file, {"SB0440", "a TOML file", limit}));
    TomlDocument document{SourceText(file, std::string(bytes)), {}};
    const TreeReader reader(document.source);
    try {
        const toml::table root = toml::parse(bytes.substr(bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0));
        document.root = reader.read(root);
    } catch (const toml::parse_error& error) {
        const std::size_t begin = reader.offset_of(error.source().begin);
        const std::size_t end = std::max(reader.offset_of(error.source().end), begin + 1);
        Diagnostic problem = document.source.error({begin, end}, "SB0440", "not valid TOML");
        problem.causes.emplace_back(error.description());
        return problem;
    }
    return document;
}

}  // namespace sagebuild
