#pragma once

#include <cstddef>

#include "core/result.hpp"

namespace sagebuild {

/// Bytes that come in pieces, so that memory does not grow with them.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    /// Up to `size` bytes into `buffer`; 0 at the end.
    virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
};

}  // namespace sagebuild
