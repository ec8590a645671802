#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0640 to 0659: checksums, provenance, bill of materials and notes of a release.
inline constexpr std::array release_documents = {
    ErrorCode{"SB0640", "the documents of a release cannot be made",
              "SHA256SUMS, provenance and bill of materials speak of the wheels of one release. There is none, or two files in different\n"
              "directories have one name, of which a release can hold only one."},
    ErrorCode{"SB0641", "SHA256SUMS cannot be read",
              "Each line is a SHA-256 of 64 hex digits, two spaces (or a space and `*`), and the name of a file of the release, as\n"
              "`sha256sum` writes it. Names with a path are refused: they would lead `sha256sum -c` out of the directory."},
    ErrorCode{"SB0642", "the provenance statement cannot be read",
              "The file is not an in-toto statement (Statement v1) with a SLSA provenance predicate (v1) whose subjects are files with\n"
              "their SHA-256."},
    ErrorCode{"SB0643", "the bill of materials cannot be read",
              "The archive is not a whole zip file of CycloneDX documents, `<wheel>.cdx.json`, each with the SHA-256 of its wheel."},
};

}  // namespace sagebuild::error_codes
