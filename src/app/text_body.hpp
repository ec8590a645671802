#pragma once

#include <string>
#include <utility>

#include "edge/http.hpp"

namespace sagebuild {

/// Bytes in memory as the body of a request.
class TextBody : public HttpBody {
  public:
    explicit TextBody(std::string text) : m_text(std::move(text)) {}
    std::uint64_t size() const override { return m_text.size(); }
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        const std::size_t count = m_text.copy(buffer, size, m_at);
        m_at += count;
        return count;
    }
    Result<> rewind() override {
        m_at = 0;
        return Unit{};
    }

  private:
    std::string m_text;
    std::size_t m_at = 0;
};

}  // namespace sagebuild
