#include "text/yaml_document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

#include "text/yaml_encoding.hpp"

namespace sagebuild {

namespace {

constexpr const char* alias_refused = "YAML aliases (`*name`) are not taken";
constexpr const char* write_out = "write the value out where it is needed";

/// Thrown through yaml-cpp to stop it at once; caught in `parse_yaml`.
struct Refusal {
    Diagnostic diagnostic;
};

std::vector<std::string> split_lines(std::string_view bytes) {
    std::vector<std::string> lines;
    while (true) {
        const std::size_t end = bytes.find('\n');
        std::string_view line = bytes.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
        if (end == std::string_view::npos) return lines;
        bytes.remove_prefix(end + 1);
    }
}

Diagnostic make_diagnostic(std::string code, std::string what, const YamlDocument& document, int line, int column, int width = 1) {
    Diagnostic diagnostic{std::move(code), std::move(what), {document.file, line, column}};
    diagnostic.excerpt = Excerpt{document.line_of(line), width, ""};
    return diagnostic;
}

/// Bytes that a scalar takes in its source line: yaml-cpp gives only where it begins.
int measure_scalar(std::string_view line, std::size_t column, std::string_view text) {
    if (column >= line.size()) return 1;
    const std::string_view rest = line.substr(column);
    const char quote = rest[0];
    if (quote == '"' || quote == '\'') {
        for (std::size_t at = 1; at < rest.size(); ++at) {
            if (quote == '"' && rest[at] == '\\') {
                ++at;
            } else if (rest[at] == quote) {
                return static_cast<int>(at + 1);
            }
        }
        return static_cast<int>(rest.size());
    }
    if (!text.empty() && rest.starts_with(text)) return static_cast<int>(text.size());
    const std::size_t last = rest.find_last_not_of(" \t");
    return static_cast<int>(last == std::string_view::npos ? 1 : last + 1);
}

/// Whether the bracket at the start of `text` is closed, quoted text and comments left out of account.
bool is_bracket_closed(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        if (letter == '"' || letter == '\'') {
            for (++at; at < text.size() && text[at] != letter; ++at) {
                if (letter == '"' && text[at] == '\\') ++at;
            }
        } else if (letter == '#' && text[at - 1] <= ' ') {
            at = std::min(text.find('\n', at), text.size());
        } else if (letter == '[' || letter == '{') {
            ++depth;
        } else if ((letter == ']' || letter == '}') && --depth == 0) {
            return true;
        }
    }
    return false;
}

/// Builds our tree from yaml-cpp's events. The parser recurses once per level, so refusing a level here also bounds its stack.
class TreeBuilder : public YAML::EventHandler {
  public:
    TreeBuilder(YamlDocument& document, std::string_view bytes) : m_document(document), m_bytes(bytes) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (m_documents++ == 0) return;
        refuse("SB0104", "a second YAML document begins here", mark, "one file describes one thing: keep a single document");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(YamlNode::Kind::null, mark, "", anchor, ""); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse("SB0104", alias_refused, mark, write_out); }
    void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
        add(YamlNode::Kind::scalar, mark, tag, anchor, value);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(add(YamlNode::Kind::sequence, mark, tag, anchor, ""), mark);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(add(YamlNode::Kind::mapping, mark, tag, anchor, ""), mark);
    }
    void OnMapEnd() override { close(); }

  private:
    /// A collection whose end has not come yet. `pending` is the key that waits for its value.
    struct Level {
        YamlNode node;
        std::optional<YamlNode> pending;
        std::map<std::string, int> key_lines;
    };

    [[noreturn]] void refuse(const char* code, std::string what, const YAML::Mark& mark, std::string hint) const {
        Diagnostic diagnostic = make_diagnostic(code, std::move(what), m_document, mark.line + 1, mark.column + 1);
        diagnostic.hints.push_back(std::move(hint));
        throw Refusal{std::move(diagnostic)};
    }

    [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
        refuse("SB0104", "YAML anchors (`&name`) are not taken", mark, write_out);
    }

    /// yaml-cpp takes the end of the file for the missing quote of a quoted scalar.
    void check_closed(const YAML::Mark& mark) const {
        std::size_t at = static_cast<std::size_t>(mark.pos);
        const char quote = at < m_bytes.size() ? m_bytes[at] : '\0';
        if (quote != '"' && quote != '\'') return;
        for (++at; at < m_bytes.size(); ++at) {
            if (quote == '"' && m_bytes[at] == '\\') {
                ++at;
            } else if (m_bytes[at] == quote) {
                if (quote == '"' || m_bytes.substr(at + 1, 1) != "'") return;
                ++at;  // '' stands for one quote
            }
        }
        refuse("SB0101", "not valid YAML: this quote is not closed", mark, "close the quote");
    }

    /// yaml-cpp also takes a bracket for a key that the file ends in before it is closed.
    [[noreturn]] void refuse_key(const YAML::Mark& mark) const {
        const auto begin = static_cast<std::size_t>(mark.pos);
        const char bracket = begin < m_bytes.size() ? m_bytes[begin] : '\0';
        if ((bracket == '[' || bracket == '{') && !is_bracket_closed(m_bytes.substr(begin))) {
            refuse("SB0101", "not valid YAML: this bracket is not closed", mark,
                   bracket == '[' ? "close it with `]`" : "close it with `}`");
        }
        refuse("SB0104", "a key must be a text", mark, "write `key: value`");
    }

    /// Makes the node for an event and, if it is complete (no collection), puts it into the open collection.
    YamlNode add(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) {
        if (anchor != 0) refuse_anchor(mark);
        // yaml-cpp marks untagged plain nodes `?` and untagged quoted ones `!`
        if (!tag.empty() && tag != "?" && tag != "!") {
            refuse("SB0104", "YAML tags are not taken, found `" + tag + "`", mark, "leave the tag out: every value is read as text");
        }
        if (++m_nodes > YamlLimits::nodes) {
            refuse("SB0102", "file holds more than " + std::to_string(YamlLimits::nodes) + " values", mark, "split the file");
        }
        if (kind == YamlNode::Kind::scalar && tag == "!") check_closed(mark);
        if (value.size() > YamlLimits::scalar_bytes) {
            refuse(
                "SB0102",
                "value of " + std::to_string(value.size()) + " bytes, at most " + std::to_string(YamlLimits::scalar_bytes) + " are taken",
                mark, "shorten it");
        }
        if (has_control_characters(value)) {
            refuse("SB0103", "value holds a line break or another control character", mark,
                   "keep it on one line; a folded text needs `>-` instead of `>`");
        }
        const bool is_key = !m_levels.empty() && m_levels.back().node.kind == YamlNode::Kind::mapping && !m_levels.back().pending;
        if (is_key && kind != YamlNode::Kind::scalar) refuse_key(mark);
        YamlNode node;
        node.kind = kind;
        node.text = value;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        if (kind == YamlNode::Kind::scalar) {
            node.width = measure_scalar(m_document.line_of(node.line), static_cast<std::size_t>(mark.column), value);
        }
        if (kind == YamlNode::Kind::null) locate_nothing(node, mark);
        if (kind == YamlNode::Kind::scalar || kind == YamlNode::Kind::null) {
            place(std::move(node));
            return {};
        }
        return node;
    }

    /// The parser marks a missing value at whatever comes next, which may be lines away: take its key, or the dash of its list item.
    void locate_nothing(YamlNode& node, const YAML::Mark& mark) const {
        if (m_levels.empty()) return;
        if (m_levels.back().pending) {
            const YamlNode& key = *m_levels.back().pending;
            std::tie(node.line, node.column, node.width) = std::tie(key.line, key.column, key.width);
            return;
        }
        const auto end = std::min(static_cast<std::size_t>(mark.pos), m_bytes.size());
        const std::size_t dash = m_bytes.substr(0, end).find_last_not_of(" \t\r\n");
        if (dash == std::string_view::npos || m_bytes[dash] != '-') return;
        const std::string_view before = m_bytes.substr(0, dash);
        node.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
        node.column = static_cast<int>(dash - (before.rfind('\n') + 1)) + 1;
    }

    void open(YamlNode node, const YAML::Mark& mark) {
        if (m_levels.size() >= static_cast<std::size_t>(YamlLimits::depth)) {
            refuse("SB0102", "values are nested more than " + std::to_string(YamlLimits::depth) + " levels deep", mark, "flatten them");
        }
        m_levels.push_back({std::move(node), std::nullopt, {}});
    }

    void close() {
        YamlNode node = std::move(m_levels.back().node);
        m_levels.pop_back();
        place(std::move(node));
    }

    void place(YamlNode node) {
        if (m_levels.empty()) {
            m_document.root = std::move(node);
            return;
        }
        Level& level = m_levels.back();
        if (level.node.kind == YamlNode::Kind::sequence) {
            level.node.items.push_back(std::move(node));
        } else if (!level.pending) {
            level.pending = std::move(node);
        } else {
            place_entry(level, std::move(node));
        }
    }

    void place_entry(Level& level, YamlNode value) {
        YamlNode key = *std::exchange(level.pending, std::nullopt);
        const auto [known, is_new] = level.key_lines.emplace(key.text, key.line);
        if (is_new) {
            level.node.entries.push_back({std::move(key), std::move(value)});
            return;
        }
        Diagnostic diagnostic =
            make_diagnostic("SB0105", "key `" + key.text + "` stands twice in one mapping", m_document, key.line, key.column, key.width);
        diagnostic.excerpt->label = "first in line " + std::to_string(known->second);
        diagnostic.hints.push_back("keep one of them");
        m_document.duplicates.push_back(std::move(diagnostic));
    }

    YamlDocument& m_document;
    std::string_view m_bytes;
    std::vector<Level> m_levels;
    std::size_t m_nodes = 0;
    int m_documents = 0;
};

/// What to look at for the parser's most frequent complaints.
std::string hint_for(std::string_view message) {
    struct Advice {
        std::string_view message;
        std::string_view hint;
    };
    static constexpr std::array advice = {
        Advice{"end of map not found", "look at the indentation of this line and the one above"},
        Advice{"end of sequence not found", "look at the indentation of this line and the one above"},
        Advice{"end of map flow not found", "close the brace, or put a comma between the entries"},
        Advice{"end of sequence flow not found", "close the bracket, or put a comma between the entries"},
        Advice{"illegal map value", "quote a value that holds a colon and a space"},
        Advice{"illegal flow end", "close the bracket or brace that was opened before"},
        Advice{"illegal tab when looking for indentation", "indent with spaces"},
        Advice{"unknown token", "quote a value that begins with a special character"},
    };
    const auto found = std::find_if(advice.begin(), advice.end(), [&](const Advice& entry) { return entry.message == message; });
    return found == advice.end() ? "" : std::string(found->hint);
}

Diagnostic explain_parser_error(const YAML::Exception& error, const YamlDocument& document) {
    const int lines = static_cast<int>(document.lines.size());
    const int line = error.mark.is_null() ? 1 : std::clamp(error.mark.line + 1, 1, lines);
    const int column = error.mark.is_null() ? 1 : std::max(error.mark.column + 1, 1);
    Diagnostic diagnostic = make_diagnostic("SB0101", "not valid YAML: " + error.msg, document, line, column);
    // no anchor is ever taken, so each alias looks undefined to the parser
    if (error.msg.starts_with("the referenced anchor is not defined")) {
        diagnostic.code = "SB0104";
        diagnostic.what = alias_refused;
        diagnostic.hints.emplace_back(write_out);
        return diagnostic;
    }
    const std::string& text = document.line_of(line);
    if (text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string::npos) {
        diagnostic.hints.emplace_back("indent with spaces, this line begins with a tab");
    } else if (const std::string hint = hint_for(error.msg); !hint.empty()) {
        diagnostic.hints.push_back(hint);
    }
    return diagnostic;
}

/// The checks that must come before yaml-cpp, which keeps the whole input in several copies and guesses encodings.
std::optional<Diagnostic> check_bytes(std::string_view bytes, YamlDocument& document) {
    if (bytes.size() > YamlLimits::file_bytes) {
        Diagnostic diagnostic{
            "SB0102",
            "file of " + std::to_string(bytes.size()) + " bytes, at most " + std::to_string(YamlLimits::file_bytes) + " are taken",
            {document.file, 0, 0}};
        diagnostic.hints.emplace_back("a matrix file is a few thousand bytes long: is this the right file?");
        return diagnostic;
    }
    document.lines = split_lines(bytes);
    if (auto fault = find_encoding_fault(bytes)) {
        Diagnostic diagnostic = make_diagnostic("SB0103", fault->what, document, fault->line, fault->column, fault->width);
        diagnostic.hints.push_back(fault->hint);
        return diagnostic;
    }
    for (std::size_t index = 0; index < document.lines.size(); ++index) {
        const std::size_t size = document.lines[index].size();
        if (size <= YamlLimits::line_bytes) continue;
        Diagnostic diagnostic = make_diagnostic(
            "SB0102", "line of " + std::to_string(size) + " bytes, at most " + std::to_string(YamlLimits::line_bytes) + " are taken",
            document, static_cast<int>(index) + 1, 1);
        diagnostic.hints.emplace_back("break the line");
        return diagnostic;
    }
    return std::nullopt;
}

}  // namespace

const std::string& YamlDocument::line_of(int line) const {
    static const std::string none;
    return line >= 1 && static_cast<std::size_t>(line) <= lines.size() ? lines[static_cast<std::size_t>(line) - 1] : none;
}

Result<YamlDocument> parse_yaml(std::string_view bytes, const std::string& file) {
    YamlDocument document;
    document.file = file;
    if (auto fault = check_bytes(bytes, document)) return *std::move(fault);
    try {
        std::istringstream stream{std::string(bytes)};
        YAML::Parser parser(stream);
        TreeBuilder builder(document, bytes);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refusal& refusal) {
        return refusal.diagnostic;
    } catch (const YAML::Exception& error) {
        return explain_parser_error(error, document);
    }
    return document;
}

}  // namespace sagebuild
