#include "app/candidate_file.hpp"

#include <algorithm>

#include "core/diagnostic.hpp"
#include "text/core_metadata.hpp"
#include "text/elf.hpp"
#include "text/fatbin.hpp"
#include "text/sha256.hpp"
#include "text/wheel_manifest.hpp"
#include "text/zip.hpp"

namespace sagebuild {

namespace {

enum class Role { metadata, manifest, library, other };

Role find_role(std::string_view path) {
    const std::size_t slash = path.find('/');
    if (slash != std::string_view::npos && path.substr(0, slash).ends_with(".dist-info")) {
        if (path.substr(slash + 1) == "METADATA") return Role::metadata;
        if (path.substr(slash + 1) == "sagebuild.json") return Role::manifest;
    }
    return path.ends_with(".so") || path.find(".so.") != std::string_view::npos ? Role::library : Role::other;
}

Result<std::string> digest_of(const ByteFile& file) {
    Sha256 digest;
    std::string block(std::size_t{256} << 10, '\0');
    std::uint64_t offset = 0;
    while (true) {
        SAGEBUILD_TRY(const std::size_t count, file.read_at(offset, block.data(), block.size()));
        if (count == 0) return digest.finish_hex();
        digest.update(std::string_view(block).substr(0, count));
        offset += count;
    }
}

/// Gathers what the files of one wheel say; the first library that cannot be read leaves the images unknown.
class ContentReader {
  public:
    explicit ContentReader(OpenedWheel& wheel) : m_wheel(wheel) {}

    void read(const ZipEntry& entry) {
        switch (find_role(entry.path)) {
            case Role::metadata:
                return read_metadata(entry);
            case Role::manifest:
                return read_manifest(entry);
            case Role::library:
                return read_library(entry);
            case Role::other:
                return;
        }
    }

    void finish() {
        CandidateContent content{
            .images = {}, .dispatch = {}, .any_torch = m_any_torch, .minimum_torch = m_minimum_torch, .toolkit = m_toolkit};
        if (m_wheel.unknown.empty() && m_has_images) {
            std::sort(m_images.begin(), m_images.end());
            m_images.erase(std::unique(m_images.begin(), m_images.end()), m_images.end());
            content.images = std::move(m_images);
        }
        if (content.images || content.any_torch) m_wheel.candidate.content = std::move(content);
    }

  private:
    void add_malformed(const Diagnostics& problems) { m_wheel.malformed.insert(m_wheel.malformed.end(), problems.begin(), problems.end()); }

    void read_metadata(const ZipEntry& entry) {
        constexpr std::string_view minimum = "torch>=";
        if (!m_wheel.metadata.empty()) m_wheel.malformed.push_back({.code = "SB0403", .what = "wheel has two .dist-info directories"});
        m_wheel.metadata = entry.bytes;
        const auto metadata = parse_core_metadata(entry.bytes);
        if (!metadata) return add_malformed(metadata.errors());
        m_wheel.candidate.requires_python = metadata->requires_python;
        for (const std::string& requirement : metadata->requires_dist) {
            if (requirement.starts_with(minimum)) m_minimum_torch = parse_version(requirement.substr(minimum.size()));
        }
    }

    void read_manifest(const ZipEntry& entry) {
        m_wheel.manifest = entry.bytes;
        const auto manifest = parse_wheel_manifest(entry.bytes);
        m_any_torch = manifest.has_value();
        if (!manifest) return add_malformed(manifest.errors());
        m_toolkit = parse_version(manifest->toolkit);
    }

    void read_library(const ZipEntry& entry) {
        const auto library = parse_elf_library(entry.bytes);
        if (!library || library->device_images.empty()) return;  // the same wheel may hold libraries for the host alone
        const auto fatbins = parse_fatbins(library->device_images);
        if (!fatbins) {
            m_wheel.unknown.insert(m_wheel.unknown.end(), fatbins.errors().begin(), fatbins.errors().end());
            return;
        }
        m_has_images = true;
        for (const Fatbin& fatbin : *fatbins) {
            for (const FatbinImage& image : fatbin) m_images.push_back({image.arch, image.ptx, !image.ptx});
        }
    }

    OpenedWheel& m_wheel;
    std::vector<CandidateImage> m_images;
    bool m_has_images = false;
    bool m_any_torch = false;
    std::optional<Version> m_minimum_torch;
    std::optional<Version> m_toolkit;
};

}  // namespace

Result<OpenedWheel> open_wheel(const ByteFile& file, const std::string& path) {
    OpenedWheel wheel;
    wheel.candidate.name = path.substr(path.rfind('/') + 1);
    wheel.candidate.location = path;
    SAGEBUILD_TRY(wheel.candidate.sha256, digest_of(file));
    wheel.candidate.size = file.size();
    const auto entries = read_zip(file, [](std::string_view entry) { return find_role(entry) != Role::other; });
    if (!entries) {
        wheel.unknown = entries.errors();
        return wheel;
    }
    ContentReader reader(wheel);
    for (const ZipEntry& entry : *entries) reader.read(entry);
    reader.finish();
    return wheel;
}

WheelCandidate load_candidate_file(const std::string& path, const Edges& edges, std::vector<std::string>& notes) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const auto explain = [&](const std::string& reason) {
        notes.push_back("`" + printable(name, 160) + "` is judged by its name: " + reason);
    };
    const auto load = [&]() -> Result<OpenedWheel> {
        SAGEBUILD_TRY(const auto file, edges.files.open_file(path));
        return open_wheel(*file, path);
    };
    auto wheel = load();
    if (!wheel) {
        explain(wheel.errors().front().causes.empty() ? "it cannot be read" : wheel.errors().front().causes.front());
        WheelCandidate candidate;
        candidate.name = name;
        candidate.location = path;
        return candidate;
    }
    if (!wheel->unknown.empty()) explain(wheel->unknown.front().what);
    return std::move(wheel->candidate);
}

}  // namespace sagebuild
