#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sagebuild {

/// SHA-256 of `bytes` as 64 hex digits.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of `bytes` as RECORD files write it: URL-safe base64 without `=` (RFC 4648, section 5; binary distribution format, PyPA).
std::string sha256_base64url(std::string_view bytes);

/// The same over bytes that come in pieces.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(std::string_view bytes);
    /// Hex digits of all bytes so far; afterwards it begins anew.
    std::string finish_hex();
    /// The same as RECORD files write it.
    std::string finish_base64url();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sagebuild
