#include "core/image_files.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

namespace sagebuild {

namespace {

constexpr std::string_view whiteout = ".wh.";
constexpr std::string_view opaque = ".wh..wh..opq";

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view directory_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

void erase_below(ImageFiles& image, const std::string& directory) {
    const std::string prefix = directory.empty() ? "" : directory + "/";
    auto at = image.lower_bound(prefix);
    while (at != image.end() && at->first.starts_with(prefix)) at = image.erase(at);
}

/// A hard link is the file that it names, of this layer or one below.
ImageFile followed(const ImageFiles& image, const ImageFile& file) {
    if (file.kind != ImageFileKind::hard_link) return file;
    const auto target = image.find(file.link);
    return target == image.end() ? ImageFile{} : target->second;
}

void split_into(std::deque<std::string>& parts, std::string_view path) {
    std::vector<std::string> found;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > 0) found.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    parts.insert(parts.begin(), found.begin(), found.end());
}

}  // namespace

std::size_t interesting_bytes(std::string_view path) {
    constexpr std::size_t small = std::size_t{64} << 10, library = std::size_t{64} << 20;
    constexpr std::array<std::string_view, 2> whole = {"etc/os-release", "usr/lib/os-release"};
    if (std::find(whole.begin(), whole.end(), path) != whole.end()) return small;
    const std::string_view name = base_name(path);
    if (name == "libc.so.6" || (name.starts_with("libc-2.") && name.ends_with(".so"))) return library;
    if (path.ends_with("/torch/version.py") || name == "pyvenv.cfg") return small;
    if (path.ends_with("/torch/lib/libc10.so")) return library;
    const bool is_cuda = path.starts_with("usr/local/cuda") && std::count(path.begin(), path.end(), '/') == 3;
    return is_cuda && (name == "version.json" || name == "version.txt") ? small : 0;
}

void apply_layer(ImageFiles& image, const ImageFiles& layer) {
    for (const auto& [path, file] : layer) {
        const std::string_view name = base_name(path);
        if (!name.starts_with(whiteout)) continue;
        const std::string directory(directory_of(path));
        if (name == opaque) {
            erase_below(image, directory);
        } else {
            const std::string gone = (directory.empty() ? "" : directory + "/") + std::string(name.substr(whiteout.size()));
            image.erase(gone);
            erase_below(image, gone);
        }
    }
    const auto is_whiteout = [](const std::string& path) { return base_name(path).starts_with(whiteout); };
    for (const auto& [path, file] : layer) {
        if (is_whiteout(path) || file.kind == ImageFileKind::hard_link) continue;
        if (file.kind != ImageFileKind::directory) erase_below(image, path);
        image[path] = file;
    }
    for (const auto& [path, file] : layer) {
        if (is_whiteout(path) || file.kind != ImageFileKind::hard_link) continue;
        erase_below(image, path);
        image[path] = followed(image, file);
    }
}

std::optional<std::string> resolve_image_path(const ImageFiles& image, std::string_view path) {
    constexpr int most_links = 40;  // as Linux, path_resolution(7)
    constexpr std::size_t most_parts = 4096;
    std::deque<std::string> rest;
    split_into(rest, path);
    std::string at;
    int links = 0;
    while (!rest.empty()) {
        const std::string part = rest.front();
        rest.pop_front();
        if (part == ".") continue;
        if (part == "..") {
            at = directory_of(at);
            continue;
        }
        const std::string next = at.empty() ? part : at + "/" + part;
        const auto file = image.find(next);
        if (file == image.end() || file->second.kind != ImageFileKind::symbolic_link) {
            at = next;
            continue;
        }
        if (++links > most_links || rest.size() > most_parts) return std::nullopt;
        if (file->second.link.starts_with('/')) at.clear();
        split_into(rest, file->second.link);
    }
    const auto below = image.lower_bound(at + "/");
    const bool is_directory = below != image.end() && below->first.starts_with(at + "/");
    if (!at.empty() && !image.contains(at) && !is_directory) return std::nullopt;
    return at;
}

const ImageFile* find_image_file(const ImageFiles& image, std::string_view path) {
    const auto resolved = resolve_image_path(image, path);
    const auto found = resolved ? image.find(*resolved) : image.end();
    return found == image.end() || found->second.kind != ImageFileKind::file ? nullptr : &found->second;
}

}  // namespace sagebuild
