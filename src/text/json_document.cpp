#include "text/json_document.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sagebuild {

namespace {

constexpr int deepest = 32;
constexpr std::size_t most_values = 100'000;

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0 | point >> 6);
        byte(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        byte(0xE0 | point >> 12);
        byte(0x80 | (point >> 6 & 0x3F));
        byte(0x80 | (point & 0x3F));
    } else {
        byte(0xF0 | point >> 18);
        byte(0x80 | (point >> 12 & 0x3F));
        byte(0x80 | (point >> 6 & 0x3F));
        byte(0x80 | (point & 0x3F));
    }
}

/// Length of the UTF-8 sequence at the head of `bytes`, 0 if it is none (RFC 3629: no overlong forms, no surrogates).
std::size_t sequence_length(std::string_view bytes) {
    const auto at = [&](std::size_t index) { return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0U; };
    const auto follows = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
        return at(index) >= low && at(index) <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = first == 0xE0 ? follows(1, 0xA0) : first == 0xED ? follows(1, 0x80, 0x9F) : follows(1);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = first == 0xF0 ? follows(1, 0x90) : first == 0xF4 ? follows(1, 0x80, 0x8F) : follows(1);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Recursive descent; the first fault stops it.
class JsonParser {
  public:
    JsonParser(std::string_view bytes, const JsonSource& source) : m_bytes(bytes), m_source(source), m_line(source.first_line) {}

    Result<JsonNode> parse() {
        JsonNode root;
        skip_space();
        if (m_at == m_bytes.size()) fail("there is nothing but white space");
        if (!m_fault) parse_value(root, 0);
        skip_space();
        if (!m_fault && m_at < m_bytes.size()) fail("something stands behind the end of the value");
        if (m_fault) return std::move(*m_fault);
        return root;
    }

  private:
    bool fail_at(int line, int column, std::string what) {
        if (!m_fault) m_fault = m_source.fault(line, column, std::move(what));
        return false;
    }
    bool fail(std::string what) { return fail_at(m_line, column(), std::move(what)); }
    int column() const { return static_cast<int>(m_at - m_line_start) + 1; }
    char peek() const { return m_at < m_bytes.size() ? m_bytes[m_at] : '\0'; }

    void skip_space() {
        for (; m_at < m_bytes.size(); ++m_at) {
            const char letter = m_bytes[m_at];
            if (letter == '\n') {
                ++m_line;
                m_line_start = m_at + 1;
            } else if (letter != ' ' && letter != '\t' && letter != '\r') {
                return;
            }
        }
    }

    bool take(char letter) {
        if (peek() != letter || m_at == m_bytes.size()) return false;
        ++m_at;
        return true;
    }

    bool parse_value(JsonNode& node, int depth) {
        node.line = m_line;
        node.column = column();
        if (depth > deepest) return fail("it is nested deeper than " + std::to_string(deepest) + " levels");
        if (++m_values > most_values) return fail("it has more than " + std::to_string(most_values) + " values");
        if (m_at == m_bytes.size()) return fail("it ends where a value is needed");
        switch (peek()) {
            case '{':
                return parse_object(node, depth);
            case '[':
                return parse_array(node, depth);
            case '"':
                node.kind = JsonNode::Kind::text;
                return parse_text(node.text);
            default:
                return parse_word(node);
        }
    }

    bool parse_array(JsonNode& node, int depth) {
        node.kind = JsonNode::Kind::array;
        ++m_at;
        skip_space();
        if (take(']')) return true;
        while (true) {
            skip_space();
            if (!parse_value(node.items.emplace_back(), depth + 1)) return false;
            skip_space();
            if (take(']')) return true;
            if (!take(',')) return fail("a list goes on with `,` or ends with `]`");
        }
    }

    bool parse_object(JsonNode& node, int depth) {
        node.kind = JsonNode::Kind::object;
        ++m_at;
        skip_space();
        if (take('}')) return true;
        while (true) {
            skip_space();
            JsonEntry& entry = node.entries.emplace_back();
            if (!parse_key(entry.key, node)) return false;
            skip_space();
            if (!take(':')) return fail("a key is followed by `:`");
            skip_space();
            if (!parse_value(entry.value, depth + 1)) return false;
            skip_space();
            if (take('}')) return true;
            if (!take(',')) return fail("an object goes on with `,` or ends with `}`");
        }
    }

    bool parse_key(JsonNode& key, const JsonNode& object) {
        key.kind = JsonNode::Kind::text;
        key.line = m_line;
        key.column = column();
        if (peek() != '"') return fail("a key is a text in `\"`");
        if (!parse_text(key.text)) return false;
        // the last one is this key itself; objects have a handful of keys, so looking at each is quick
        for (std::size_t index = 0; index + 1 < object.entries.size(); ++index) {
            if (object.entries[index].key.text != key.text) continue;
            return fail_at(key.line, key.column, "key `" + printable(key.text, 80) + "` stands twice");
        }
        constexpr std::size_t most_keys = 1000;
        if (object.entries.size() > most_keys) return fail("an object has more than " + std::to_string(most_keys) + " keys");
        return true;
    }

    bool parse_text(std::string& text) {
        for (++m_at; m_at < m_bytes.size();) {
            const char letter = m_bytes[m_at];
            if (letter == '"') {
                ++m_at;
                return true;
            }
            if (static_cast<unsigned char>(letter) < 0x20) return fail("a text holds a control character or a line end");
            if (letter == '\\') {
                if (!parse_escape(text)) return false;
                continue;
            }
            const std::size_t length = sequence_length(m_bytes.substr(m_at, 4));
            if (length == 0) return fail("a text is not UTF-8");
            text += m_bytes.substr(m_at, length);
            m_at += length;
        }
        return fail("a text has no closing `\"`");
    }

    bool parse_escape(std::string& text) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        ++m_at;
        if (take('u')) return parse_code_point(text);
        const std::size_t known = m_at < m_bytes.size() ? letters.find(m_bytes[m_at]) : std::string_view::npos;
        if (known == std::string_view::npos) return fail("`\\` is followed by something that JSON does not know");
        text += meanings[known];
        ++m_at;
        return true;
    }

    std::optional<std::uint32_t> take_four_digits() {
        std::uint32_t value = 0;
        const std::string_view digits = m_bytes.substr(m_at, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc() || digits.size() != 4 || end != digits.data() + 4) return std::nullopt;
        m_at += 4;
        return value;
    }

    bool parse_code_point(std::string& text) {
        auto point = take_four_digits();
        if (!point) return fail("`\\u` is followed by four hexadecimal digits");
        if (*point >= 0xD800 && *point < 0xDC00) {
            const bool goes_on = take('\\') && take('u');
            const auto low = goes_on ? take_four_digits() : std::nullopt;
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("half of a surrogate pair stands alone");
            point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
        } else if (*point >= 0xDC00 && *point <= 0xDFFF) {
            return fail("half of a surrogate pair stands alone");
        }
        append_utf8(text, *point);
        return true;
    }

    /// `null`, `true`, `false` or a number.
    bool parse_word(JsonNode& node) {
        const auto is_part = [](char letter) {
            return is_digit(letter) || (letter >= 'a' && letter <= 'z') || letter == '+' || letter == '-' || letter == '.' || letter == 'E';
        };
        const std::size_t begin = m_at;
        std::size_t end = begin;
        while (end < m_bytes.size() && is_part(m_bytes[end])) ++end;
        const std::string_view word = m_bytes.substr(begin, end - begin);
        if (word == "null") {
            node.kind = JsonNode::Kind::null;
        } else if (word == "true" || word == "false") {
            node.kind = JsonNode::Kind::boolean;
            node.boolean = word == "true";
        } else if (is_number(word)) {
            node.kind = JsonNode::Kind::number;
            node.text = std::string(word);
        } else {
            return fail(word.empty() ? "`" + printable(m_bytes.substr(m_at, 1)) + "` begins no value"
                                     : "`" + printable(word, 40) + "` is no value; texts stand in `\"`");
        }
        m_at = end;
        return true;
    }

    static bool is_number(std::string_view word) {
        const auto take_digits = [&] {
            const std::size_t before = word.size();
            while (!word.empty() && is_digit(word.front())) word.remove_prefix(1);
            return before - word.size();
        };
        constexpr std::size_t longest = 40;
        if (word.size() > longest) return false;
        if (word.starts_with('-')) word.remove_prefix(1);
        const bool leading_zero = word.starts_with('0');
        const std::size_t whole = take_digits();
        if (whole == 0 || (leading_zero && whole > 1)) return false;
        if (word.starts_with('.')) {
            word.remove_prefix(1);
            if (take_digits() == 0) return false;
        }
        if (word.starts_with('e') || word.starts_with('E')) {
            word.remove_prefix(1);
            if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
            if (take_digits() == 0) return false;
        }
        return word.empty();
    }

    std::string_view m_bytes;
    const JsonSource& m_source;
    std::size_t m_at = 0;
    std::size_t m_line_start = 0;
    int m_line;
    std::size_t m_values = 0;
    std::optional<Diagnostic> m_fault;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const JsonEntry& entry) { return entry.key.text == key; });
    return found == entries.end() ? nullptr : &found->value;
}

std::string_view JsonNode::describe() const {
    switch (kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return "true or false";
        case Kind::number:
            return "a number";
        case Kind::text:
            return "a text";
        case Kind::array:
            return "a list";
        case Kind::object:
            return "an object";
    }
    return "";
}

Diagnostic JsonSource::fault(int line, int column, std::string what) const {
    return {.code = code, .what = std::move(what), .place = {file, line, column}};
}

Result<JsonNode> parse_json(std::string_view bytes, const JsonSource& source) {
    return JsonParser(bytes, source).parse();
}

}  // namespace sagebuild
