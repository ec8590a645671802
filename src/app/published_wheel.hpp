#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/edges.hpp"
#include "core/byte_source.hpp"
#include "core/compat.hpp"
#include "core/published_wheel.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Opens an untrusted wheel, which lies at `path`. Refused, all problems at once: SB0401 no wheel's name, SB0402 archive, SB0403 not one
/// .dist-info directory, SB0405 METADATA broken or of another wheel than the name says, SB0407 manifest, SB0414 device images.
Result<PublishedWheel> open_published_wheel(std::string_view bytes, const std::string& path, const Compat& compat);
Result<PublishedWheel> open_published_wheel(const ByteFile& file, const std::string& path, const Compat& compat);

/// The same of a file of any size: memory grows with its libraries and METADATA alone; also SB0501.
Result<PublishedWheel> load_published_wheel(const std::string& path, const Compat& compat, const Edges& edges);

/// All wheels of a directory, by name. Every problem of every wheel is told; SB0563 where there is none.
Result<std::vector<PublishedWheel>> load_published_wheels(const std::string& directory, const Compat& compat, const Edges& edges);

}  // namespace sagebuild
