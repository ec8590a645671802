#include "core/name_pattern.hpp"

#include <algorithm>
#include <array>

namespace sagebuild {

namespace {

constexpr std::size_t longest_pattern = 120;
constexpr std::size_t longest_text = 255;  // of a file name

struct FieldName {
    std::string_view name;
    NameField field;
};

constexpr std::array field_names = {
    FieldName{"torch", NameField::torch},
    FieldName{"torch:xyz", NameField::torch_xyz},
    FieldName{"torch:joined", NameField::torch_joined},
    FieldName{"container", NameField::container},
    FieldName{"cuda", NameField::cuda},
    FieldName{"abi", NameField::abi},
    FieldName{"sm", NameField::sm},
    FieldName{"version", NameField::version},
    FieldName{"number", NameField::number},
    FieldName{"hex", NameField::hex},
};

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_literal(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || letter == '.';
}

std::size_t count_digits(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

/// Lengths of the heads of `text` that are `least` to `most` numbers of at most four digits joined by dots; longest first.
std::vector<std::size_t> dotted_lengths(std::string_view text, std::size_t least, std::size_t most) {
    std::vector<std::size_t> lengths;
    std::size_t at = 0;
    for (std::size_t part = 1; part <= most; ++part) {
        const std::size_t digits = count_digits(text.substr(at));
        if (digits == 0) break;
        // a number may also end earlier, where the pattern goes on with digits
        for (std::size_t taken = 1; taken < std::min<std::size_t>(digits, 4); ++taken) {
            if (part >= least) lengths.push_back(at + taken);
        }
        if (digits > 4) break;
        at += digits;
        if (part >= least) lengths.push_back(at);
        if (at >= text.size() || text[at] != '.') break;
        ++at;
    }
    std::sort(lengths.rbegin(), lengths.rend());
    return lengths;
}

std::vector<std::size_t> descending(std::size_t longest, std::size_t shortest) {
    std::vector<std::size_t> lengths;
    for (std::size_t length = longest; length >= shortest && length > 0; --length) lengths.push_back(length);
    return lengths;
}

/// How many letters of the head of `text` the field may take, the most first.
std::vector<std::size_t> lengths_of(NameField field, std::string_view text) {
    const std::size_t digits = count_digits(text);
    switch (field) {
        case NameField::torch:
            return dotted_lengths(text, 2, 3);
        case NameField::version:
            return dotted_lengths(text, 1, 4);
        case NameField::torch_xyz:
            return descending(std::min<std::size_t>(digits, 5), 3);
        case NameField::torch_joined:
            return descending(std::min<std::size_t>(digits, 4), 2);
        case NameField::container: {
            // years of two digits from 20 on, as NVIDIA numbers its containers: no torch has such a major version
            const bool is_month = digits == 2 && text[0] >= '2' && text.size() >= 5 && text[2] == '.' && count_digits(text.substr(3)) == 2;
            return is_month ? std::vector<std::size_t>{5} : std::vector<std::size_t>{};
        }
        case NameField::cuda: {
            std::vector<std::size_t> lengths;
            if (digits == 2 && text.size() > 3 && text[2] == '.' && is_digit(text[3])) lengths.push_back(4);
            if (digits == 3) lengths.push_back(3);
            if (digits == 2) lengths.push_back(2);
            return lengths;
        }
        case NameField::abi: {
            for (const std::string_view word : {"true", "false", "1", "0"}) {
                if (text.starts_with(word)) return {word.size()};
            }
            return {};
        }
        case NameField::sm: {
            if (digits < 2 || digits > 3) return {};
            const bool has_suffix = text.size() > digits && (text[digits] == 'a' || text[digits] == 'f');
            return has_suffix ? std::vector<std::size_t>{digits + 1, digits} : std::vector<std::size_t>{digits};
        }
        case NameField::number:
            return descending(digits, 1);
        case NameField::hex: {
            const auto end = std::find_if_not(text.begin(), text.end(),
                                              [](char letter) { return is_digit(letter) || (letter >= 'a' && letter <= 'f'); });
            return descending(std::min<std::size_t>(static_cast<std::size_t>(end - text.begin()), 40), 4);
        }
    }
    return {};
}

}  // namespace

/// Depth first over (element, place in the text); what failed once is not tried again.
class NamePattern::Matcher {
  public:
    Matcher(const std::vector<Element>& elements, std::string_view text)
        : m_elements(elements), m_text(text), m_failed((elements.size() + 1) * (text.size() + 1), false) {}

    bool match(std::size_t element, std::size_t at) {
        if (element == m_elements.size()) return at == m_text.size();
        const std::size_t state = element * (m_text.size() + 1) + at;
        if (m_failed[state]) return false;
        if (match_element(element, at)) return true;
        m_failed[state] = true;
        return false;
    }

    std::vector<NameCapture> take_captures() { return std::move(m_captures); }

  private:
    bool match_element(std::size_t index, std::size_t at) {
        const Element& element = m_elements[index];
        switch (element.kind) {
            case Element::Kind::literal:
                return at < m_text.size() && m_text[at] == element.letter && match(index + 1, at + 1);
            case Element::Kind::begin_optional:
                return match(index + 1, at) || match(element.jump, at);
            case Element::Kind::end_optional:
                return match(index + 1, at);
            case Element::Kind::field:
                break;
        }
        for (const std::size_t length : lengths_of(element.field, m_text.substr(at))) {
            m_captures.push_back({element.field, m_text.substr(at, length)});
            if (match(index + 1, at + length)) return true;
            m_captures.pop_back();
        }
        return false;
    }

    const std::vector<Element>& m_elements;
    std::string_view m_text;
    std::vector<bool> m_failed;
    std::vector<NameCapture> m_captures;
};

std::optional<std::vector<NameCapture>> NamePattern::match(std::string_view text) const {
    if (text.size() > longest_text) return std::nullopt;
    // most names differ from most patterns in the first letter
    if (!m_elements.empty() && m_elements.front().kind == Element::Kind::literal &&
        (text.empty() || text.front() != m_elements.front().letter)) {
        return std::nullopt;
    }
    Matcher matcher(m_elements, text);
    if (!matcher.match(0, 0)) return std::nullopt;
    return matcher.take_captures();
}

NamePatternReading NamePatternReading::parse(std::string_view text) {
    using Element = NamePattern::Element;
    if (text.empty()) return {std::nullopt, "it is empty"};
    if (text.size() > longest_pattern) return {std::nullopt, "it has more than " + std::to_string(longest_pattern) + " letters"};
    NamePattern pattern;
    pattern.m_text = std::string(text);
    std::optional<std::size_t> open;
    for (std::size_t at = 0; at < text.size(); ++at) {
        Element element;
        if (text[at] == '[') {
            if (open) return {std::nullopt, "`[` inside `[...]`"};
            open = pattern.m_elements.size();
            element.kind = Element::Kind::begin_optional;
        } else if (text[at] == ']') {
            if (!open) return {std::nullopt, "`]` without `[`"};
            pattern.m_elements[*open].jump = pattern.m_elements.size() + 1;
            open.reset();
            element.kind = Element::Kind::end_optional;
        } else if (text[at] == '{') {
            const std::size_t close = text.find('}', at);
            if (close == std::string_view::npos) return {std::nullopt, "`{` without `}`"};
            const std::string_view name = text.substr(at + 1, close - at - 1);
            const auto* known =
                std::find_if(field_names.begin(), field_names.end(), [&](const FieldName& entry) { return entry.name == name; });
            if (known == field_names.end()) return {std::nullopt, "there is no field `{" + std::string(name) + "}`"};
            element.kind = Element::Kind::field;
            element.field = known->field;
            at = close;
        } else if (is_literal(text[at])) {
            element.letter = text[at];
        } else {
            return {std::nullopt, "`" + std::string(1, text[at]) + "` is neither a small letter, a digit nor a dot"};
        }
        pattern.m_elements.push_back(element);
    }
    if (open) return {std::nullopt, "`[` without `]`"};
    return {std::move(pattern), ""};
}

}  // namespace sagebuild
