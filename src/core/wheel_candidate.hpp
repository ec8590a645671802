#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/arch.hpp"
#include "core/version.hpp"

namespace sagebuild {

/// What a wheel holds for one arch, as `9.0a` or `12.0+PTX` says it.
struct CandidateImage {
    Arch arch;
    bool ptx = false;   ///< PTX of that virtual arch
    bool cubin = true;  ///< machine code; only of an opened wheel it is known that there is none

    friend auto operator<=>(const CandidateImage&, const CandidateImage&) = default;
};

/// What is known of a wheel's content; it outranks the name.
struct CandidateContent {
    std::optional<std::vector<CandidateImage>> images;  ///< device images inside
    std::optional<std::vector<Arch>> dispatch;          ///< GPUs that the package's own code accepts
    bool any_torch = false;                             ///< our manifest shows a binding that knows no torch ABI
    std::optional<Version> minimum_torch;               ///< of such a wheel's METADATA, where that states nothing but a minimum
    std::optional<Version> toolkit;                     ///< CUDA release whose compiler made the images, `12.9.1`
};

/// One wheel that `select` may pick.
struct WheelCandidate {
    std::string name;  ///< file name
    std::optional<CandidateContent> content;
    std::string location;               ///< path or URL, empty if only the name is known
    std::string sha256;                 ///< lower-case hex, empty if unknown
    std::optional<std::uint64_t> size;  ///< bytes
    std::string requires_python;        ///< of the index page or METADATA, empty if unknown
    bool yanked = false;
};

}  // namespace sagebuild
