#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/byte_source.hpp"
#include "core/image_environment.hpp"
#include "core/image_files.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// A container image as far as it is looked at.
struct ImageContents {
    ImageConfig config;
    ImageFiles files;  ///< all layers laid over each other
};

/// Opens a file of an OCI layout by its path in it (`blobs/sha256/…`).
using LayoutOpener = std::function<Result<std::unique_ptr<ByteSource>>(const std::string& path)>;

/// From an untrusted archive in one pass: what `docker save` writes, or an OCI layout as a tar file, plain or packed. `architecture`
/// (`amd64`) decides where the archive holds images of several. Refused with SB0460 (neither of both), SB0461 (parts missing or not
/// understood), SB0462 (hostile or damaged), SB0463 (several images).
Result<ImageContents> read_image_archive(ByteSource& source, const std::string& architecture);

/// The same from an OCI layout that lies in a directory.
Result<ImageContents> read_image_layout(const LayoutOpener& open, const std::string& architecture);

}  // namespace sagebuild
