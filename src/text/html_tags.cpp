#include "text/html_tags.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sagebuild {

namespace {

constexpr std::size_t most_attributes = 64;  // the rest of a tag is passed over
constexpr std::string_view blanks = " \t\r\n\f";

char lowered(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char letter) { return lowered(letter); });
    return out;
}

std::string utf8(unsigned long code) {
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    std::string out;
    const auto add = [&out](unsigned long byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | code >> 6);
        add(0x80 | (code & 63));
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 63));
        add(0x80 | (code & 63));
    } else {
        add(0xF0 | code >> 18);
        add(0x80 | (code >> 12 & 63));
        add(0x80 | (code >> 6 & 63));
        add(0x80 | (code & 63));
    }
    return out;
}

/// What `&name;` stands for, `name` without both; nothing if it stands for itself.
std::optional<std::string> decode_reference(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names = {
        {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}}};
    for (const auto& [known, text] : names) {
        if (name == known) return std::string(text);
    }
    if (!name.starts_with('#')) return std::nullopt;
    name.remove_prefix(1);
    const bool is_hex = name.starts_with('x') || name.starts_with('X');
    if (is_hex) name.remove_prefix(1);
    unsigned long code = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return utf8(code);
}

std::string decoded(std::string_view text) {
    constexpr std::size_t longest_reference = 12;
    std::string out;
    while (!text.empty()) {
        const std::size_t at = std::min(text.find('&'), text.size());
        out.append(text.substr(0, at));
        text.remove_prefix(at);
        if (text.empty()) break;
        const std::size_t end = text.substr(0, longest_reference).find(';');
        const auto character = end == std::string_view::npos ? std::nullopt : decode_reference(text.substr(1, end - 1));
        out += character ? *character : "&";
        text.remove_prefix(character ? end + 1 : 1);
    }
    return out;
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : m_rest(text) {}

    /// The next start tag; nothing at the end.
    std::optional<HtmlTag> next() {
        while (true) {
            m_rest.remove_prefix(std::min(m_rest.find('<'), m_rest.size()));
            if (m_rest.size() < 2) return std::nullopt;
            const char letter = lowered(m_rest[1]);
            if (m_rest.starts_with("<!--")) {
                skip_behind("-->", 4);
            } else if (letter == '!' || letter == '?' || letter == '/') {
                skip_behind(">", 1);
            } else if (letter >= 'a' && letter <= 'z') {
                return read_tag();
            } else {
                m_rest.remove_prefix(1);
            }
        }
    }

  private:
    void skip_behind(std::string_view mark, std::size_t from) {
        const std::size_t at = m_rest.find(mark, from);
        m_rest.remove_prefix(at == std::string_view::npos ? m_rest.size() : at + mark.size());
    }

    std::string_view take_until(std::string_view letters) {
        const std::string_view taken = m_rest.substr(0, m_rest.find_first_of(letters));
        m_rest.remove_prefix(taken.size());
        return taken;
    }

    void skip_any(std::string_view letters) { m_rest.remove_prefix(std::min(m_rest.find_first_not_of(letters), m_rest.size())); }

    /// A tag that the page ends in is none.
    std::optional<HtmlTag> read_tag() {
        m_rest.remove_prefix(1);
        HtmlTag tag;
        tag.name = lowered(take_until(" \t\r\n\f/>"));
        while (true) {
            skip_any(" \t\r\n\f/");
            if (m_rest.empty()) return std::nullopt;
            if (m_rest.front() == '>') break;
            read_attribute(tag);
        }
        m_rest.remove_prefix(1);
        skip_text_of(tag.name);
        return tag;
    }

    void read_attribute(HtmlTag& tag) {
        const bool starts_odd = m_rest.front() == '=';  // part of the name at its first place
        const std::string_view whole = m_rest;
        if (starts_odd) m_rest.remove_prefix(1);
        const std::size_t length = take_until(" \t\r\n\f/>=").size() + (starts_odd ? 1 : 0);
        std::string name = lowered(whole.substr(0, length));
        std::string_view value;
        skip_any(blanks);
        if (m_rest.starts_with('=')) {
            m_rest.remove_prefix(1);
            skip_any(blanks);
            value = take_value();
        }
        if (tag.attributes.size() < most_attributes) tag.attributes.emplace_back(std::move(name), decoded(value));
    }

    std::string_view take_value() {
        if (!m_rest.starts_with('"') && !m_rest.starts_with('\'')) return take_until(" \t\r\n\f>");
        const std::string_view quote = m_rest.substr(0, 1);
        m_rest.remove_prefix(1);
        const std::string_view value = take_until(quote);
        m_rest.remove_prefix(std::min<std::size_t>(1, m_rest.size()));
        return value;
    }

    /// Elements whose content is text, up to their end tag.
    void skip_text_of(const std::string& name) {
        constexpr std::array<std::string_view, 8> holders = {"script", "style",  "textarea", "title",
                                                             "xmp",    "iframe", "noembed",  "noframes"};
        if (std::find(holders.begin(), holders.end(), name) == holders.end()) return;
        while (!m_rest.empty()) {
            m_rest.remove_prefix(std::min(m_rest.find("</"), m_rest.size()));
            if (m_rest.size() >= name.size() + 2 && lowered(m_rest.substr(2, name.size())) == name) return;
            m_rest.remove_prefix(std::min<std::size_t>(2, m_rest.size()));
        }
    }

    std::string_view m_rest;
};

}  // namespace

std::optional<std::string> HtmlTag::find(std::string_view attribute) const {
    const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& each) { return each.first == attribute; });
    return found == attributes.end() ? std::nullopt : std::optional(found->second);
}

void scan_html_tags(std::string_view html, const std::function<bool(const HtmlTag&)>& on_tag) {
    Scanner scanner(html);
    while (const auto tag = scanner.next()) {
        if (!on_tag(*tag)) return;
    }
}

}  // namespace sagebuild
