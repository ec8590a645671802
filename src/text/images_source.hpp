#pragma once

#include <string>
#include <vector>

namespace sagebuild {

/// The fatbin of one kernel unit as it goes into a host library.
struct EmbeddedImages {
    std::string unit;    ///< `sm80_attention`
    std::string archs;   ///< `8.0 8.6 9.0`
    std::string path;    ///< of the fatbin, as the assembler opens it
    std::string digest;  ///< of its bytes
};

/// C source of the table that the package's `images.h` declares.
std::string render_images_table(const std::vector<EmbeddedImages>& images);

/// Assembly that puts the fatbins into the section `.nv_fatbin`, where `cuobjdump` looks for them, 64-byte aligned as the driver asks,
/// under hidden symbols. The digests stand in comments: compiler caches do not look behind `.incbin`.
std::string render_images_assembly(const std::vector<EmbeddedImages>& images);

}  // namespace sagebuild
