#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// A driver's version as NVIDIA writes it, `570.124.06`: parts compare as numbers, the text is kept as it was.
class DriverVersion {
  public:
    const std::string& to_string() const { return m_text; }

    friend std::strong_ordering operator<=>(const DriverVersion& left, const DriverVersion& right) {
        return left.m_parts <=> right.m_parts;
    }
    friend bool operator==(const DriverVersion& left, const DriverVersion& right) { return left.m_parts == right.m_parts; }
    friend std::optional<DriverVersion> parse_driver_version(std::string_view text);

  private:
    std::string m_text;
    std::vector<int> m_parts;  ///< without trailing zeros
};

/// One to four parts of one to five digits, leading zeros allowed.
std::optional<DriverVersion> parse_driver_version(std::string_view text);

}  // namespace sagebuild
