#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

enum class ImageFileKind { file, directory, symbolic_link, hard_link };

/// One path of a container image. Paths are relative to its root, without `.` and `..`.
struct ImageFile {
    ImageFileKind kind = ImageFileKind::file;
    std::string link = {};     ///< target of a link: as written for a symbolic one, a path of the image for a hard one
    std::string content = {};  ///< of the files that `is_interesting_image_file` names; empty otherwise
};

/// Paths of one layer, or of the whole image.
using ImageFiles = std::map<std::string, ImageFile>;

/// The bytes that are kept of a file, 0 for those whose existence is all that counts.
std::size_t interesting_bytes(std::string_view path);

/// Lays a layer over the ones below it (OCI image specification, «Layer Filesystem Changeset»): `.wh.NAME` removes NAME, `.wh..wh..opq`
/// hides what the directory held below; a file takes the place of a whole directory.
void apply_layer(ImageFiles& image, const ImageFiles& layer);

/// Where a path leads through symbolic links, at most 40 of them, as in a running container (`/` and `..` end at the image's root);
/// nothing if it leads nowhere.
std::optional<std::string> resolve_image_path(const ImageFiles& image, std::string_view path);

/// The file at the end of the links.
const ImageFile* find_image_file(const ImageFiles& image, std::string_view path);

}  // namespace sagebuild
