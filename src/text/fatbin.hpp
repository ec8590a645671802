#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/arch.hpp"
#include "core/result.hpp"

namespace sagebuild {

enum class ImageCompression { none, lz4, zstd };

/// One entry of a fatbin: machine code (a cubin) or PTX for one arch.
struct FatbinImage {
    bool ptx = false;
    Arch arch;
    ImageCompression compression = ImageCompression::none;
    std::uint64_t size = 0;  ///< unpacked

    bool operator==(const FatbinImage&) const = default;
};

/// One container, as the compiler makes it for one unit.
using Fatbin = std::vector<FatbinImage>;

/// All containers of an `.nv_fatbin` section, in order, from untrusted bytes. NVIDIA documents no layout; the one read here is that of all
/// files that nvFatbin and fatbinary of CUDA 12.4 to 13.5 make (docs/fatbin.md). The arch that an entry states is compared with the ELF
/// header of the cubin in it, unless that is packed with zstd. Refused with SB0414.
Result<std::vector<Fatbin>> parse_fatbins(std::string_view section);

}  // namespace sagebuild
