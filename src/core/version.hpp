#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// A dotted release number such as `3.12`, `2.8.0`, `12.9.1`: one to four parts, each 0 to 9999 without leading zeros.
/// Comparison is numeric, missing parts count as 0, so `2.8` equals `2.8.0`.
class Version {
  public:
    Version() = default;
    explicit Version(std::vector<int> parts) : m_parts(std::move(parts)) {}

    int part(std::size_t index) const { return index < m_parts.size() ? m_parts[index] : 0; }
    std::size_t size() const { return m_parts.size(); }
    std::string to_string() const;
    /// The first `count` parts: `12.9.1` with 2 is `12.9`.
    Version prefix(std::size_t count) const;
    /// Whether the leading parts of this version are those of `shorter`: `12.9.1` starts with `12.9` and `12`.
    bool starts_with(const Version& shorter) const;

    friend std::strong_ordering operator<=>(const Version& left, const Version& right);
    friend bool operator==(const Version& left, const Version& right) { return (left <=> right) == 0; }

  private:
    std::vector<int> m_parts;
};

std::optional<Version> parse_version(std::string_view text);

}  // namespace sagebuild
