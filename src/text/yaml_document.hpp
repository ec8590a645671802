#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/result.hpp"

namespace sagebuild {

struct YamlEntry;

/// One value of a YAML file. Scalars are text as written (`3.10` stays `3.10`): what a text means is decided by whoever reads the key.
struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };

    Kind kind = Kind::null;
    std::string text;                ///< scalars only
    int line = 1;                    ///< from 1
    int column = 1;                  ///< from 1, in bytes
    int width = 1;                   ///< bytes of a scalar in its source line, 1 for anything else
    std::vector<YamlNode> items;     ///< sequences only
    std::vector<YamlEntry> entries;  ///< mappings only, in file order; of equal keys the first
};

struct YamlEntry {
    YamlNode key;  ///< a scalar
    YamlNode value;
};

/// A parsed file. Only the plain core of YAML 1.2 is taken: one document without anchors, aliases, tags and non-scalar keys.
struct YamlDocument {
    std::string file;
    std::vector<std::string> lines;  ///< without line ends
    YamlNode root;
    Diagnostics duplicates;  ///< one per repeated key; kept apart so that a reader can report them with everything else

    Place place_of(const YamlNode& node) const { return {file, node.line, node.column}; }
    const std::string& line_of(int line) const;  ///< from 1; empty outside the file
};

/// Bounds within which every file is answered in well under a second and 100 MB, whatever it holds.
struct YamlLimits {
    static constexpr std::size_t file_bytes = std::size_t{1} << 20;
    static constexpr std::size_t line_bytes = 4096;
    static constexpr std::size_t scalar_bytes = 4096;
    static constexpr int depth = 32;
    static constexpr std::size_t nodes = 20000;
};

/// @param file the name shown in diagnostics
Result<YamlDocument> parse_yaml(std::string_view bytes, const std::string& file);

}  // namespace sagebuild
