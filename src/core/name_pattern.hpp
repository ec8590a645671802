#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// What a `{field}` of a naming pattern stands for.
enum class NameField { torch, torch_xyz, torch_joined, container, cuda, abi, sm, version, number, hex };

/// A field and the text that it stood for.
struct NameCapture {
    NameField field;
    std::string_view text;
};

/// The pattern language of `matrix/compat/naming.yaml`: literals, `{field}` and `[...]` for what may be absent. It has no repetition, and
/// a place of the pattern is tried at a place of the text only once, so that matching is bounded by their lengths' product.
class NamePattern {
  public:
    /// The captures, in order, if the whole of `text` (in small letters) is as the pattern says.
    std::optional<std::vector<NameCapture>> match(std::string_view text) const;

    const std::string& to_string() const { return m_text; }

    friend struct NamePatternReading;

  private:
    struct Element {
        enum class Kind : std::uint8_t { literal, field, begin_optional, end_optional };
        Kind kind = Kind::literal;
        char letter = 0;
        NameField field = NameField::number;
        std::size_t jump = 0;  ///< of `begin_optional`: behind its end
    };
    class Matcher;

    std::string m_text;
    std::vector<Element> m_elements;
};

/// A pattern, or what is wrong with its text.
struct NamePatternReading {
    std::optional<NamePattern> pattern;
    std::string problem;

    static NamePatternReading parse(std::string_view text);
};

}  // namespace sagebuild
