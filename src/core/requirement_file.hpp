#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/source_text.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// A digest that a file states for a wheel; `at` spans the digits.
struct StatedHash {
    std::string algorithm;  ///< lower case: `sha256`
    std::string digest;     ///< lower-case hex
    SourceSpan at;
};

/// What a requirement, a lock file's package or a downloading command says about one distribution.
struct StatedRequirement {
    std::string distribution;  ///< normalised (PEP 503); empty if only a URL without a wheel's name is there
    SourceSpan at;             ///< all of it, as it is shown
    SourceSpan context;        ///< the instruction of a Dockerfile around it; else as `at`
    std::string specifier;     ///< `==2.9.1+cu129`, `>=2.8,<2.9`; empty for a URL
    std::string marker;        ///< PEP 508, as written behind `;`
    std::string url;           ///< of a file, without the fragment; or a path
    SourceSpan url_at;
    bool url_is_verbatim = true;       ///< exactly `url` stands at `url_at`: no variable, escape or quote in it
    std::vector<StatedHash> hashes;    ///< of the file at `url`
    std::vector<SourceSpan> mentions;  ///< the same file name elsewhere in the file (`ADD ... /tmp/name.whl`, `pip install /tmp/name.whl`)
    std::optional<SourceSpan> version_at;  ///< of a lock file's `version`, which goes with the URL
    std::vector<SourceSpan> comments;      ///< on its line, and right above it
    int scope = 0;                         ///< a stage of a Dockerfile, an extra: what another scope installs does not clash
    bool is_constraint = false;
};

/// An index of packages, or a page of links.
struct StatedIndex {
    std::string url;
    SourceSpan at;
    bool is_extra = false;
    bool is_links = false;
    int scope = 0;
};

/// `-r other.txt`, `-c other.txt`.
struct StatedInclude {
    std::string path;
    SourceSpan at;
    bool is_constraint = false;
    int scope = 0;
};

/// What a requirements file, pyproject.toml, uv.lock or Dockerfile says about wheels.
struct RequirementFile {
    SourceText source;
    std::vector<StatedRequirement> requirements;
    std::vector<StatedIndex> indexes;
    std::vector<StatedInclude> includes;
    std::optional<Version> python;  ///< the one version that the file is for, if it says so
};

}  // namespace sagebuild
