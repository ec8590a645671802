#include "app/release_documents.hpp"

#include <algorithm>

#include "text/checksums.hpp"
#include "text/provenance.hpp"
#include "text/sbom.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

Result<std::vector<ReleaseDocument>> make_release_documents(std::vector<PublishedWheel> wheels) {
    std::sort(wheels.begin(), wheels.end(), [](const auto& left, const auto& right) { return left.wheel.name < right.wheel.name; });
    Diagnostics problems;
    if (wheels.empty()) problems.push_back({.code = "SB0640", .what = "a release without wheels has no documents"});
    for (std::size_t index = 1; index < wheels.size(); ++index) {
        const WheelCandidate& first = wheels[index - 1].wheel;
        const WheelCandidate& second = wheels[index].wheel;
        if (first.name != second.name) continue;
        problems.push_back({.code = "SB0640",
                            .what = "two wheels are named `" + printable(first.name, 160) + "`",
                            .notes = {"`" + printable(first.location) + "` and `" + printable(second.location) + "`"}});
    }
    if (!problems.empty()) return problems;
    const std::string stem = release_stem(wheels);
    SAGEBUILD_TRY(std::string archive, make_sbom_archive(wheels));
    std::vector<ReleaseDocument> documents = {{stem + std::string(provenance_ending), render_provenance(wheels)},
                                              {stem + std::string(sbom_ending), std::move(archive)}};
    std::vector<StatedDigest> digests;
    for (const PublishedWheel& wheel : wheels) digests.push_back({wheel.wheel.name, wheel.wheel.sha256});
    for (const ReleaseDocument& document : documents) digests.push_back({document.name, sha256_hex(document.bytes)});
    documents.push_back({std::string(checksums_name), render_checksums(std::move(digests))});
    return documents;
}

}  // namespace sagebuild
