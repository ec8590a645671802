#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct ZipEntry {
    std::string path;  ///< relative, `/` between the parts
    std::string bytes;
    bool executable = false;  ///< mode 0755, else 0644

    bool operator==(const ZipEntry&) const = default;
};

/// A zip archive with the entries in the given order, deflated, all of the time `epoch` (seconds since 1970 UTC, held within 1980 to 2107).
/// The same entries give the same bytes in every time zone. Fails with SB0415 when a path is illegal or stands there twice.
Result<std::string> write_zip(const std::vector<ZipEntry>& entries, std::int64_t epoch);

/// What a reader of untrusted archives takes at most.
struct ZipLimits {
    std::size_t entries = 20000;
    std::uint64_t total_bytes = std::uint64_t{2} << 30;  ///< of all entries unpacked
    std::uint64_t ratio = 250;                           ///< unpacked to packed, counted above `free_bytes`
    std::uint64_t free_bytes = std::uint64_t{32} << 20;
};

/// The files of an untrusted archive in its order. Nothing is unpacked before the whole directory has been checked. Refused with SB0402,
/// all reasons at once: damaged archives, wrong checksums, paths that leave the archive or that file systems read differently, two entries
/// of one path, encrypted entries, symbolic links, unknown compression, and more than the limits.
Result<std::vector<ZipEntry>> read_zip(std::string_view archive, const ZipLimits& limits = {});

/// Is given the bytes of all entries in pieces, entry after entry.
using ZipPieceSink = std::function<void(const std::string& path, std::string_view piece)>;

/// The same of a file of any size: all entries are unpacked and checked, the bytes of those whose path is `wanted` are kept.
Result<std::vector<ZipEntry>> read_zip(const ByteFile& archive, const std::function<bool(std::string_view path)>& wanted,
                                       const ZipLimits& limits = {}, const ZipPieceSink& sink = {});

/// Why a path may not stand in a wheel, empty if it may.
std::string explain_illegal_path(std::string_view path);

}  // namespace sagebuild
