#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spliced_text.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What comments beside a wheel's URL speak of.
enum class ClaimSubject { release_build, torch, cuda, python, version };

/// One number in a comment that says something about the wheel beside it: `build.10`, `torch 2.8`, `cu128`, `CUDA 12.8`, `py312`.
struct CommentClaim {
    ClaimSubject subject;
    SourceSpan at;     ///< of the number, in the comment
    std::string text;  ///< the number as written: `2.8`, `128`
    Version value;
    bool is_joined = false;  ///< written without dots: `cu128`, `torch28`, `cp312`
};

/// What is true of a wheel or a pin, as far as it is known.
struct ClaimFacts {
    std::string distribution;  ///< normalised; a number behind it is its version
    std::optional<Version> release_build;
    std::optional<Version> torch;
    std::optional<Version> cuda;
    std::optional<Version> python;
    std::optional<Version> version;

    const std::optional<Version>& of(ClaimSubject subject) const;
};

/// `torch`, `CUDA`, `build`, ...
std::string_view subject_name(ClaimSubject subject);

/// The claims of a comment, in its order. URLs, wheel names and ranges (`torch>=2.8`, `2.8+`, `2.8 or newer`) claim nothing.
std::vector<CommentClaim> find_comment_claims(std::string_view comment, std::string_view distribution);

/// Whether the claim is wrong as far as both sides say: `2.8` holds for 2.8.1, `12` for 12.9.
bool contradicts(const CommentClaim& claim, const Version& fact);

/// The fact in the claim's notation: `cu129` for `cu128`, `2.9` for `2.8`, `2.9.0` for `2.8.0`.
std::string render_claim(const CommentClaim& claim, const Version& fact);

}  // namespace sagebuild
