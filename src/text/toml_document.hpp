#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/source_text.hpp"

namespace sagebuild {

struct TomlEntry;

/// One value of a TOML file with its place.
struct TomlNode {
    enum class Kind { string, array, table, other };

    Kind kind = Kind::other;
    SourceSpan at;     ///< as written, quotes included
    SplicedText text;  ///< strings only: what it says
    std::vector<TomlNode> items;
    std::vector<TomlEntry> entries;  ///< in file order

    /// The value of a key, null if there is none or this is no table.
    const TomlNode* find(std::string_view key) const;
    /// The same along several keys.
    const TomlNode* find(std::initializer_list<std::string_view> path) const;
    /// What a string says; empty for anything else.
    const std::string& string_or_empty() const;
};

struct TomlEntry {
    std::string key;
    TomlNode value;
};

struct TomlDocument {
    SourceText source;
    TomlNode root;
};

/// @param limit bytes that a file may have; code SB0440
Result<TomlDocument> parse_toml(std::string_view bytes, const std::string& file, std::size_t limit);

}  // namespace sagebuild
