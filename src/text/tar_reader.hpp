#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/byte_source.hpp"
#include "core/image_files.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct TarEntry {
    std::string path;  ///< relative, without `.`, never `..`
    ImageFileKind kind = ImageFileKind::file;
    std::string link;  ///< of links; of a hard link a path like `path`
    std::uint64_t size = 0;
};

/// What a reader of untrusted tar archives takes at most.
struct TarLimits {
    std::size_t entries = 2000000;
    std::size_t name_bytes = std::size_t{256} << 20;  ///< of all paths and links together
    std::uint64_t unpacked_bytes = std::uint64_t{256} << 30;
    std::uint64_t ratio = 500;  ///< unpacked to packed, counted above `free_bytes`
    std::uint64_t free_bytes = std::uint64_t{64} << 20;
};

/// Takes an entry; its bytes can be read from `content` until it returns.
using TarCallback = std::function<Result<>(const TarEntry& entry, ByteSource& content)>;

/// Hands on the files, directories and links of an untrusted tar archive, plain or packed by gzip or zstd, in its order; devices and the
/// like are passed over. Nothing is written anywhere. Refused with SB0462: paths that leave the archive, more than the limits, damage.
Result<> read_tar(ByteSource& source, const TarLimits& limits, const TarCallback& on_entry);

}  // namespace sagebuild
