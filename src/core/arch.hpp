#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

/// What an image may run on besides its own compute capability (PTX ISA, «Target Architectures»):
/// `portable` on later minors of the same major, `family` (`f`) likewise from CUDA 12.9 on, `specific` (`a`) on that chip only.
enum class ArchFeature { portable, family, specific };

/// A GPU architecture as written in an arch list: `8.9`, `9.0a`, `12.0f`.
struct Arch {
    int major = 0;
    int minor = 0;
    ArchFeature feature = ArchFeature::portable;

    friend auto operator<=>(const Arch&, const Arch&) = default;

    std::string to_string() const;      ///< `9.0a`
    std::string compiler_name() const;  ///< `90a`, as in `sm_90a` and `compute_90a`
    Arch capability() const { return {major, minor, ArchFeature::portable}; }
};

/// `7.0` to `99.9` with an optional `a` or `f`.
std::optional<Arch> parse_arch(std::string_view text);

/// `90a`, `120`: the compiler's spelling.
std::optional<Arch> parse_compiler_arch(std::string_view text);

}  // namespace sagebuild
