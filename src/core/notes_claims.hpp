#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arch.hpp"
#include "core/source_text.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What the wheels of a release serve, to be asked whether a text about them is true.
struct NotesFacts {
    std::vector<Version> torch;                                ///< that wheels are made for, ascending
    std::optional<Version> any_torch_from;                     ///< wheels of any torch work from here on
    std::vector<Version> cuda;                                 ///< that wheels are made for or whose compiler made their images, ascending
    std::vector<Version> pythons;                              ///< that tags name, `3.12`, ascending
    std::vector<std::pair<Version, std::string>> python_from;  ///< `abi3` and `py3`: the first Python and `Requires-Python`
    std::vector<Arch> images;                                  ///< ascending
    std::vector<Arch> covered;                                 ///< GPUs that run on another image, ascending

    bool has_torch(const Version& version) const;
    bool has_cuda(const Version& version) const;
    bool has_python(const Version& version) const;
    bool has_arch(const Arch& arch) const;
};

/// A text after which a line claims nothing: it may say what is missing.
inline constexpr std::string_view no_claim_mark = "<!-- no claim -->";

/// Numbers of torch, CUDA, Python and GPU archs in a text that no wheel backs, SB0651, each with its place: `CUDA 13.1`, `cu131`,
/// `torch 2.9 and 2.10`, `cp314`, `sm_120`. Spans in `hidden` are passed over.
Diagnostics find_unbacked_claims(const SourceText& text, const std::vector<SourceSpan>& hidden, const NotesFacts& contents);

}  // namespace sagebuild
