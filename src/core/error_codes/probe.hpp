#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0560 to 0579: what a machine says of itself, and where wheels are found.
inline constexpr std::array probe = {
    ErrorCode{"SB0560", "no Python to ask",
              "`--probe` asks an interpreter for its version, torch and platform: the one that is named (a program or the directory of a\n"
              "virtual environment), else the active virtual environment's, else `python3` or `python` of PATH. None of them is there."},
    ErrorCode{"SB0561", "`--from` names no source of wheels",
              "A source is a directory of wheels, a wheel, an index page (a URL, or a saved page), or a GitHub release, written as\n"
              "`OWNER/REPOSITORY` for the latest, `OWNER/REPOSITORY@TAG`, or as its address. What exists as a file is taken as a file."},
    ErrorCode{
        "SB0562", "an index page cannot be understood",
        "Index pages are HTML (PEP 503) or JSON (PEP 691), of repository version 1 (PEP 629). The cause line says what is different."},
    ErrorCode{"SB0563", "a source offers no wheel",
              "The directory, page or release was read, and no file in it ends in `.whl`. The root of an index lists projects, not files:\n"
              "`--project NAME` says which project's page is meant."},
    ErrorCode{
        "SB0564", "the release API's answer cannot be understood",
        "The answer is not what GitHub documents. `GITHUB_API_URL` (default `https://api.github.com`) names the API of another server."},
};

}  // namespace sagebuild::error_codes
