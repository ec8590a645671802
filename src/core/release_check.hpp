#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/release_documents.hpp"

namespace sagebuild {

/// A file of a release as it was read.
struct FoundFile {
    std::string name;
    std::uint64_t size = 0;
    std::string sha256;
};

/// What the release's documents state; empty where a document is missing or cannot be read.
struct ReleaseStatements {
    std::optional<std::vector<StatedDigest>> checksums;
    std::optional<std::vector<StatedDigest>> provenance;
    std::optional<std::vector<StatedDigest>> sbom;
    std::string provenance_name;
    std::string sbom_name;
};

/// The one document with this ending; otherwise SB0649.
Result<std::string> find_document(const std::vector<FoundFile>& files, std::string_view ending, const std::string& what);

/// Every file against SHA256SUMS (SB0644 missing, SB0645 not listed, SB0646 different), every wheel against provenance (SB0647) and bill of
/// materials (SB0648).
Diagnostics check_release(const std::vector<FoundFile>& files, const ReleaseStatements& statements);

}  // namespace sagebuild
