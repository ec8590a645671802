#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct JsonEntry;

/// One value of a JSON text from outside, with its place; numbers stay as written (`3.10` is not 3.1).
struct JsonNode {
    enum class Kind { null, boolean, number, text, array, object };

    Kind kind = Kind::null;
    bool boolean = false;
    std::string text;                ///< texts, decoded, and numbers, as written
    int line = 1;                    ///< from 1
    int column = 1;                  ///< from 1, in bytes
    std::vector<JsonNode> items;     ///< arrays only
    std::vector<JsonEntry> entries;  ///< objects only, in the order of the text, keys unique

    const JsonNode* find(std::string_view key) const;
    /// `a list`, as diagnostics call it.
    std::string_view describe() const;
};

struct JsonEntry {
    JsonNode key;
    JsonNode value;
};

/// Where a JSON text stands and what its faults are called.
struct JsonSource {
    std::string file;
    std::string code;    ///< of a fault
    int first_line = 1;  ///< number of its first line in the file

    Diagnostic fault(int line, int column, std::string what) const;
};

/// Strict JSON (RFC 8259): UTF-8, no repeated keys, no surrogate halves, at most 32 levels and 100,000 values. The first fault is told with
/// its line and column.
Result<JsonNode> parse_json(std::string_view bytes, const JsonSource& source);

}  // namespace sagebuild
