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
    ErrorCode{"SB0644", "a file of a release is missing",
              "SHA256SUMS lists it, and it is not there: it was removed after the release was made, or not downloaded."},
    ErrorCode{"SB0645", "a file of a release that its checksums do not know",
              "It was added after the release was made, or it is another file in the same directory. Nothing says what it should be."},
    ErrorCode{
        "SB0646", "a file of a release is another one than its checksum says",
        "The file was changed or damaged after SHA256SUMS was written. Do not install it; fetch it again, and if it differs again, ask\n"
        "who published it."},
    ErrorCode{"SB0647", "the provenance speaks of other wheels",
              "The subjects of the in-toto statement are not exactly the wheels of the release with their digests."},
    ErrorCode{"SB0648", "the bill of materials speaks of other wheels",
              "The CycloneDX documents are not exactly those of the wheels of the release with their digests."},
    ErrorCode{"SB0649", "a release lacks one of its documents",
              "A release of this tool has SHA256SUMS, one provenance statement and one archive of bills of materials. `sagebuild release\n"
              "documents` makes them from the wheels."},
    ErrorCode{
        "SB0650", "a template of release notes cannot be used",
        "A template is UTF-8 text with holes such as `{{wheels}}`, each on one line; docs/release-documents.md lists them. A hole that\n"
        "does not exist would stand in the published notes as it is."},
    ErrorCode{
        "SB0651", "release notes claim what no wheel has",
        "The template speaks of a torch, CUDA, Python or GPU arch that none of the wheels is made for. Either the text is older than\n"
        "the wheels, or a wheel is missing. Holes such as `{{cuda}}` are filled with what the wheels have; a line that tells what is\n"
        "missing ends with `<!-- no claim -->`."},
    ErrorCode{"SB0652", "there is no release to look at",
              "No release has the tag, a draft is hidden without a token that may see it, or the directory is empty."},
    ErrorCode{"SB0653", "release notes are too long",
              "GitHub takes 125,000 characters. Tables and install lines of hundreds of wheels are longer; leave one of them out of the\n"
              "template, or name the index instead of single wheels."},
};

}  // namespace sagebuild::error_codes
