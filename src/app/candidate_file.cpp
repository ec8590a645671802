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

/// Gathers what the files of one wheel say; the first thing that cannot be read leaves the images unknown.
class ContentReader {
  public:
    explicit ContentReader(WheelCandidate& candidate) : m_candidate(candidate) {}

    void read(const ZipEntry& entry) {
        const std::size_t slash = entry.path.find('/');
        const bool is_info = slash != std::string::npos && std::string_view(entry.path).substr(0, slash).ends_with(".dist-info");
        if (is_info && entry.path.substr(slash + 1) == "METADATA") {
            if (const auto metadata = parse_core_metadata(entry.bytes)) read_metadata(*metadata);
        } else if (is_info && entry.path.substr(slash + 1) == "sagebuild.json") {
            const auto manifest = parse_wheel_manifest(entry.bytes);
            m_any_torch = manifest.has_value();
            if (manifest) m_toolkit = parse_version(manifest->toolkit);
        } else if (entry.path.ends_with(".so") || entry.path.find(".so.") != std::string::npos) {
            read_library(entry);
        }
    }

    /// Enters the content; the reason why the images are unknown, or nothing.
    std::string finish() {
        CandidateContent content{
            .images = {}, .dispatch = {}, .any_torch = m_any_torch, .minimum_torch = m_minimum_torch, .toolkit = m_toolkit};
        if (m_problem.empty() && m_has_images) {
            std::sort(m_images.begin(), m_images.end());
            m_images.erase(std::unique(m_images.begin(), m_images.end()), m_images.end());
            content.images = std::move(m_images);
        }
        if (content.images || content.any_torch) m_candidate.content = std::move(content);
        return m_problem;
    }

  private:
    void read_metadata(const CoreMetadata& metadata) {
        constexpr std::string_view minimum = "torch>=";
        m_candidate.requires_python = metadata.requires_python;
        for (const std::string& requirement : metadata.requires_dist) {
            if (requirement.starts_with(minimum)) m_minimum_torch = parse_version(requirement.substr(minimum.size()));
        }
    }

    void read_library(const ZipEntry& entry) {
        const auto library = parse_elf_library(entry.bytes);
        if (!library || library->device_images.empty()) return;  // the same wheel may hold libraries for the host alone
        const auto fatbins = parse_fatbins(library->device_images);
        if (!fatbins) {
            m_problem = fatbins.errors().front().what;
            return;
        }
        m_has_images = true;
        for (const Fatbin& fatbin : *fatbins) {
            for (const FatbinImage& image : fatbin) m_images.push_back({image.arch, image.ptx, !image.ptx});
        }
    }

    WheelCandidate& m_candidate;
    std::vector<CandidateImage> m_images;
    bool m_has_images = false;
    bool m_any_torch = false;
    std::optional<Version> m_minimum_torch;
    std::optional<Version> m_toolkit;
    std::string m_problem;
};

}  // namespace

WheelCandidate load_candidate_file(const std::string& path, const Edges& edges, std::vector<std::string>& notes) {
    WheelCandidate candidate;
    candidate.name = path.substr(path.rfind('/') + 1);
    candidate.location = path;
    const auto explain = [&](const std::string& reason) {
        notes.push_back("`" + printable(candidate.name, 160) + "` is judged by its name: " + reason);
        return candidate;
    };
    const auto bytes = edges.files.read(path);
    if (!bytes) return explain(bytes.errors().front().causes.empty() ? "it cannot be read" : bytes.errors().front().causes.front());
    candidate.sha256 = sha256_hex(*bytes);
    candidate.size = bytes->size();
    const auto entries = read_zip(*bytes);
    if (!entries) return explain(entries.errors().front().what);
    ContentReader reader(candidate);
    for (const ZipEntry& entry : *entries) reader.read(entry);
    const std::string problem = reader.finish();
    return problem.empty() ? candidate : explain(problem);
}

}  // namespace sagebuild
