#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

/// The first `limit` bytes (fewer if it is shorter) of an LZ4 block (LZ4 block format description, 2022) from untrusted bytes; nothing if
/// it is damaged before that point.
std::optional<std::string> unpack_lz4_prefix(std::string_view block, std::size_t limit);

}  // namespace sagebuild
