#pragma once

#include <string>
#include <string_view>

namespace sagebuild {

/// SHA-256 of `bytes` as 64 hex digits.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of `bytes` as RECORD files write it: URL-safe base64 without `=` (RFC 4648, section 5; binary distribution format, PyPA).
std::string sha256_base64url(std::string_view bytes);

}  // namespace sagebuild
