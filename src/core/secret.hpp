#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace sagebuild {

/// A token or password. Printing shows `****`; only `reveal`, for the one place that sends it, gives the text.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : m_text(std::move(text)) {}

    const std::string& reveal() const { return m_text; }
    bool empty() const { return m_text.empty(); }
    std::string to_string() const { return "****"; }

    friend std::ostream& operator<<(std::ostream& out, const Secret& secret) { return out << secret.to_string(); }

  private:
    std::string m_text;
};

}  // namespace sagebuild
