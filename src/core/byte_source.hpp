#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.hpp"

namespace sagebuild {

/// Bytes that come in pieces, so that memory does not grow with them.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    /// Up to `size` bytes into `buffer`; 0 at the end.
    virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
};

/// Bytes that can be read anywhere, like those of a file.
class ByteFile {
  public:
    virtual ~ByteFile() = default;
    virtual std::uint64_t size() const = 0;
    /// Up to `size` bytes from `offset` on into `buffer`; 0 at the end.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const = 0;
};

/// Bytes in memory, which must outlive it.
class MemoryByteFile : public ByteFile {
  public:
    explicit MemoryByteFile(std::string_view bytes) : m_bytes(bytes) {}
    std::uint64_t size() const override { return m_bytes.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
        return offset < m_bytes.size() ? m_bytes.copy(buffer, size, offset) : 0;
    }

  private:
    std::string_view m_bytes;
};

}  // namespace sagebuild
