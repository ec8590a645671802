#include "text/core_metadata.hpp"

#include <algorithm>

#include "core/python_version.hpp"

namespace sagebuild {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

std::string trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return "";
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

bool is_field_name(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char letter) { return letter > 0x20 && letter < 0x7F && letter != ':'; });
}

/// A value is one line: a summary that the YAML folds over several would end the header otherwise.
void append_field(std::string& out, std::string_view name, std::string value) {
    std::replace_if(
        value.begin(), value.end(), [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
    value = trim(value);
    if (!value.empty()) out.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::vector<std::string> HeaderText::all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : fields) {
        if (equal_ignoring_case(key, name)) values.push_back(value);
    }
    return values;
}

Result<HeaderText> parse_header_text(std::string_view text, const std::string& code, const std::string& file) {
    constexpr std::size_t most_fields = 10000;
    HeaderText header;
    Diagnostics problems;
    for (int line_number = 1; !text.empty(); ++line_number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        const bool continued = line.front() == ' ' || line.front() == '\t';
        if (continued && !header.fields.empty()) {
            header.fields.back().second += "\n" + trim(line);
            continue;
        }
        const std::size_t colon = line.find(':');
        if (continued || colon == std::string_view::npos || !is_field_name(line.substr(0, colon))) {
            problems.push_back(
                {.code = code, .what = file + " line " + std::to_string(line_number) + " is no field: `" + printable(line, 80) + "`"});
        } else {
            header.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
        }
        if (problems.size() + header.fields.size() > most_fields)
            return Diagnostic{.code = code, .what = file + " has more than 10000 fields"};
        if (problems.size() == 20) return problems;
    }
    if (!problems.empty()) return problems;
    header.body = text;
    return header;
}

std::string render_core_metadata(const CoreMetadata& metadata) {
    std::string out;
    append_field(out, "Metadata-Version", metadata.metadata_version);
    append_field(out, "Name", metadata.name);
    append_field(out, "Version", metadata.version);
    append_field(out, "Summary", metadata.summary);
    append_field(out, "License-Expression", metadata.license_expression);
    for (const std::string& file : metadata.license_files) append_field(out, "License-File", file);
    append_field(out, "Requires-Python", metadata.requires_python);
    for (const std::string& requirement : metadata.requires_dist) append_field(out, "Requires-Dist", requirement);
    if (!metadata.description.empty()) {
        append_field(out, "Description-Content-Type", "text/markdown; charset=UTF-8");
        out += "\n" + metadata.description;
    }
    return out;
}

Result<CoreMetadata> parse_core_metadata(std::string_view text) {
    SAGEBUILD_TRY(const HeaderText header, parse_header_text(text, "SB0405", "METADATA"));
    Diagnostics problems;
    const auto one = [&](std::string_view name, bool required) -> std::string {
        const auto values = header.all(name);
        if (values.size() > 1)
            problems.push_back(
                {.code = "SB0405", .what = "METADATA has " + std::to_string(values.size()) + " fields `" + std::string(name) + "`"});
        if (values.empty() && required) problems.push_back({.code = "SB0405", .what = "METADATA has no field `" + std::string(name) + "`"});
        return values.empty() ? "" : values.front();
    };
    CoreMetadata metadata;
    metadata.metadata_version = one("Metadata-Version", true);
    metadata.name = one("Name", true);
    metadata.version = one("Version", true);
    metadata.summary = one("Summary", false);
    metadata.requires_python = one("Requires-Python", false);
    metadata.requires_dist = header.all("Requires-Dist");
    metadata.license_expression = one("License-Expression", false);
    metadata.license_files = header.all("License-File");
    metadata.description = header.body.empty() ? one("Description", false) : header.body;
    if (!metadata.version.empty() && !is_python_version(metadata.version)) {
        problems.push_back({.code = "SB0405",
                            .what = "METADATA has the version `" + printable(metadata.version, 80) + "`, which is not a Python version"});
    }
    if (!problems.empty()) return problems;
    return metadata;
}

}  // namespace sagebuild
