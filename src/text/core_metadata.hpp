#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace sagebuild {

/// METADATA of a wheel (core metadata, PyPA, version 2.4: License-Expression and License-File of PEP 639).
struct CoreMetadata {
    std::string metadata_version = "2.4";
    std::string name;
    std::string version;
    std::string summary;
    std::string requires_python;             ///< `>=3.9`
    std::vector<std::string> requires_dist;  ///< `torch==2.8.*`
    std::string license_expression;          ///< SPDX, `Apache-2.0`
    std::vector<std::string> license_files;  ///< below `.dist-info/licenses/`
    std::string description;                 ///< Markdown, may be empty

    bool operator==(const CoreMetadata&) const = default;
};

std::string render_core_metadata(const CoreMetadata& metadata);

/// From untrusted text. Other fields are passed over. Refused with SB0405, all problems at once.
Result<CoreMetadata> parse_core_metadata(std::string_view text);

/// `Key: value` lines up to an empty line, then the body: the mail header format that METADATA and WHEEL share. Continued lines are joined
/// by a newline.
struct HeaderText {
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;

    /// Values of a field, by its name in any case.
    std::vector<std::string> all(std::string_view name) const;
};

/// Refused with `code`.
Result<HeaderText> parse_header_text(std::string_view text, const std::string& code, const std::string& file);

}  // namespace sagebuild
