#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagebuild {

/// A position in an input file; line and column count from 1 (bytes), 0 means unknown.
struct Place {
    std::string file;
    int line = 0;
    int column = 0;

    bool operator==(const Place&) const = default;
};

/// The source line under a diagnostic, with a caret run below `place.column`.
struct Excerpt {
    std::string line;
    int width = 1;      ///< columns that the caret run covers
    std::string label;  ///< text behind the carets, may be empty
};

enum class Severity { error, warning };

/// What is told to a user: fact first, then where, why, the nearest miss and the way out.
struct Diagnostic {
    std::string code;  ///< e.g. `SB0204`; listed in error_codes.hpp
    std::string what;
    Place place = {};
    std::optional<Excerpt> excerpt = {};
    std::vector<std::string> nearest = {};  ///< best first
    std::vector<std::string> notes = {};
    std::vector<std::string> hints = {};
    std::vector<std::string> causes = {};  ///< outermost first: `caused by: ...`
    Severity severity = Severity::error;
};

using Diagnostics = std::vector<Diagnostic>;

/// Text of one diagnostic, ending in a newline. Control characters of untrusted input are shown as `\xNN`.
/// @param colour wrap the severity in ANSI colours (a terminal only)
std::string render_diagnostic(const Diagnostic& diagnostic, bool colour = false);

/// All diagnostics in order, separated by empty lines.
std::string render_diagnostics(const Diagnostics& diagnostics, bool colour = false);

/// By file, line and column; equals keep their order.
void sort_by_place(Diagnostics& diagnostics);

/// Untrusted text made safe for a terminal: control bytes and invalid UTF-8 as `\xNN`, cut after `limit` bytes with `...`.
std::string printable(std::string_view text, std::size_t limit = 400);

}  // namespace sagebuild
