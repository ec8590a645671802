#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "core/notes_claims.hpp"
#include "core/published_wheel.hpp"
#include "core/release_documents.hpp"
#include "core/result.hpp"
#include "core/source_text.hpp"

namespace sagebuild {

/// What an earlier release held, as far as its checksums or its list of files tell.
struct EarlierRelease {
    std::string shown;                ///< `v2.2.0-build.1`
    std::vector<StatedDigest> files;  ///< an empty digest: not told
};

struct ReleaseNotesInput {
    std::vector<PublishedWheel> wheels;  ///< opened
    std::string repository;              ///< `OWNER/NAME`
    std::string server;                  ///< `https://github.com`
    std::string tag;
    std::optional<EarlierRelease> earlier;
};

/// What the wheels serve.
NotesFacts notes_facts(const std::vector<PublishedWheel>& wheels);

/// The template that is used where none is given.
std::string default_notes_template();

/// Notes in Markdown from a template: tables and lists of what is really in the wheels. Refused with SB0650, SB0651 (see
/// core/notes_template) and SB0653, longer than GitHub takes.
Result<std::string> render_release_notes(const SourceText& notes_template, ReleaseNotesInput input, const Compat& compat);

}  // namespace sagebuild
