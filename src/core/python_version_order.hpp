#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// A version of the Python packaging world as installers order it (version specifiers, PyPA, «Summary of permitted suffixes and relative
/// ordering»). Numbers beyond 18 digits count as equal.
struct PythonVersionOrder {
    std::int64_t epoch = 0;
    std::vector<std::int64_t> release;  ///< without trailing zeros
    /// Before a release stand its development releases and its pre-releases, behind it its post-releases.
    int phase = 0;  ///< -4 development of the release itself, -3 alpha, -2 beta, -1 candidate, 0 release
    std::int64_t phase_number = 0;
    std::int64_t post = -1;                                   ///< -1: none
    std::int64_t development = no_development;                ///< number of `.devN`; a release without one is later
    std::vector<std::pair<std::int64_t, std::string>> local;  ///< numbers (second empty) are later than words (first -1)

    static constexpr std::int64_t no_development = INT64_MAX;

    bool is_pre_release() const { return phase < 0 || development != no_development; }
    /// Without the local part, which names variants of one version.
    std::strong_ordering compare_public(const PythonVersionOrder& other) const;
    std::strong_ordering compare_local(const PythonVersionOrder& other) const;
};

/// Empty if `text` is no such version (`is_python_version`).
std::optional<PythonVersionOrder> parse_python_version(std::string_view text);

/// Whether a Python minor (`3.12`) is allowed by a `Requires-Python` such as `>=3.9,<3.14,!=3.10.*`, as far as a minor alone decides;
/// empty if the text is no such list.
std::optional<bool> allows_python(std::string_view requires_python, int major, int minor);

}  // namespace sagebuild
