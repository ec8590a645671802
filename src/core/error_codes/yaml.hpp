#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 01: what a YAML file says, before its meaning.
inline constexpr std::array yaml = {
    ErrorCode{"SB0101", "file is not valid YAML",
              "The YAML parser stopped at the marked place. Nothing after it was read.\n"
              "Common causes: a tab used for indentation, a missing space behind a colon, an unclosed quote or bracket."},
    ErrorCode{
        "SB0102", "file is too large or too deep",
        "Matrix files are read with fixed bounds, so that a broken or hostile file is answered at once: 1 MiB a file, 4096 bytes a line\n"
        "and a value, 20000 values, 32 levels of nesting. Real files stay far below all of them."},
    ErrorCode{"SB0103", "file is not plain UTF-8 text",
              "The file must be UTF-8 without a byte order mark, without control characters (tab and line ends excepted) and without the\n"
              "characters that reverse the direction of text, with which a line can look different from what it says. The same holds for\n"
              "values that come out of escapes, and a value is always a single line."},
    ErrorCode{
        "SB0104", "YAML feature that is not taken",
        "Anchors, aliases, tags, several documents in a file and keys that are no texts are not taken: they make files harder to read\n"
        "and to check, and a few aliases can stand for billions of values."},
    ErrorCode{"SB0105", "key stands twice",
              "One mapping has the same key twice. Many YAML readers silently take one of the two; here both are shown.\n"
              "Delete or rename one of them."},
    ErrorCode{
        "SB0106", "unknown key",
        "The key is not part of the file format, so nothing would ever read it: mostly a typing error. The hint lists the keys that are\n"
        "known at this place; `matrix/schema.json` describes them, and editors that know JSON Schema complete them."},
    ErrorCode{"SB0107", "missing key", "The mapping lacks a key that it must have. `matrix/schema.json` describes all keys."},
    ErrorCode{"SB0108", "value of the wrong type", "The value is a text, a list, a mapping or nothing where another of these is needed."},
    ErrorCode{"SB0109", "empty value", "The list or text must not be empty: a row without a Python, for instance, would build nothing."},
    ErrorCode{"SB0110", "unknown file format", "`schema:` names the version of the file format. This sagebuild reads version 1."},
};

}  // namespace sagebuild::error_codes
