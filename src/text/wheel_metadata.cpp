#include "text/wheel_metadata.hpp"

#include <algorithm>
#include <charconv>

#include "text/core_metadata.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t most_lines = 100000;
constexpr std::size_t most_problems = 20;

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char letter : text) {
        if (letter == '"') out += '"';
        out += letter;
    }
    return out + "\"";
}

/// Takes one field from the front of `text`, up to a comma or the end of the line, which stay. False on an unclosed or misplaced quote.
bool take_csv_field(std::string_view& text, std::string& field) {
    field.clear();
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find_first_of(",\n"), text.size());
        field = text.substr(0, end);
        if (field.ends_with('\r')) field.pop_back();
        text.remove_prefix(end);
        return field.find('"') == std::string::npos;
    }
    text.remove_prefix(1);
    while (true) {
        const std::size_t quote = text.find('"');
        if (quote == std::string_view::npos) return false;
        field += text.substr(0, quote);
        text.remove_prefix(quote + 1);
        if (!text.starts_with('"')) break;
        field += '"';
        text.remove_prefix(1);
    }
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    return text.empty() || text.front() == ',' || text.front() == '\n';
}

std::optional<std::uint64_t> parse_size(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Diagnostic record_problem(int line, const std::string& what) {
    return {.code = "SB0404", .what = "RECORD line " + std::to_string(line) + " " + what};
}

Result<RecordEntry> make_entry(const std::vector<std::string>& fields, int line) {
    if (fields.size() != 3)
        return record_problem(line, "has " + std::to_string(fields.size()) + " fields; path, hash and size are expected");
    RecordEntry entry{.path = fields[0], .hash = fields[1], .size = std::nullopt};
    if (entry.path.empty()) return record_problem(line, "has no path");
    if (!fields[2].empty()) {
        entry.size = parse_size(fields[2]);
        if (!entry.size) return record_problem(line, "has the size `" + printable(fields[2], 40) + "`, which is not a number");
    }
    return entry;
}

}  // namespace

std::string render_wheel_metadata(const WheelMetadata& metadata) {
    std::string out = "Wheel-Version: " + metadata.wheel_version + "\n";
    out += "Generator: " + metadata.generator + "\n";
    out += std::string("Root-Is-Purelib: ") + (metadata.root_is_purelib ? "true" : "false") + "\n";
    for (const std::string& tag : metadata.tags) out += "Tag: " + tag + "\n";
    if (!metadata.build.empty()) out += "Build: " + metadata.build + "\n";
    return out;
}

Result<WheelMetadata> parse_wheel_metadata(std::string_view text) {
    SAGEBUILD_TRY(const HeaderText header, parse_header_text(text, "SB0406", "WHEEL"));
    Diagnostics problems;
    const auto one = [&](const std::string& name, bool required) -> std::string {
        const auto values = header.all(name);
        if (values.size() > 1)
            problems.push_back({.code = "SB0406", .what = "WHEEL has " + std::to_string(values.size()) + " fields `" + name + "`"});
        if (values.empty() && required) problems.push_back({.code = "SB0406", .what = "WHEEL has no field `" + name + "`"});
        return values.empty() ? "" : values.front();
    };
    WheelMetadata metadata;
    metadata.wheel_version = one("Wheel-Version", true);
    metadata.generator = one("Generator", false);
    const std::string purelib = one("Root-Is-Purelib", true);
    metadata.root_is_purelib = purelib == "true" || purelib == "True";
    metadata.build = one("Build", false);
    metadata.tags = header.all("Tag");
    if (metadata.tags.empty()) problems.push_back({.code = "SB0406", .what = "WHEEL has no field `Tag`"});
    if (!metadata.wheel_version.empty() && !metadata.wheel_version.starts_with("1.")) {
        problems.push_back(
            {.code = "SB0406", .what = "WHEEL is of version `" + printable(metadata.wheel_version, 40) + "`; installers know 1.x"});
    }
    if (!problems.empty()) return problems;
    return metadata;
}

RecordEntry make_record_entry(std::string path, std::string_view bytes) {
    return {.path = std::move(path), .hash = "sha256=" + sha256_base64url(bytes), .size = bytes.size()};
}

std::string render_record(const std::vector<RecordEntry>& entries) {
    std::string out;
    for (const RecordEntry& entry : entries) {
        out += csv_field(entry.path) + "," + entry.hash + "," + (entry.size ? std::to_string(*entry.size) : "") + "\n";
    }
    return out;
}

Result<std::vector<RecordEntry>> parse_record(std::string_view text) {
    std::vector<RecordEntry> entries;
    Diagnostics problems;
    for (int line = 1; !text.empty(); ++line) {
        std::vector<std::string> fields;
        std::string field;
        while (true) {
            if (!take_csv_field(text, field)) {
                problems.push_back(record_problem(line, "has a quote in the wrong place"));
                return problems;  // where the next line starts is unknown
            }
            if (fields.size() < 8) fields.push_back(field);
            if (!text.starts_with(',')) break;
            text.remove_prefix(1);
        }
        if (text.starts_with('\n')) text.remove_prefix(1);
        if (fields.size() == 1 && fields[0].empty()) continue;
        auto entry = make_entry(fields, line);
        if (!entry) {
            problems.push_back(entry.errors().front());
        } else {
            entries.push_back(std::move(entry).value());
        }
        if (entries.size() > most_lines) return Diagnostic{.code = "SB0404", .what = "RECORD has more than 100000 lines"};
        if (problems.size() == most_problems) return problems;
    }
    if (!problems.empty()) return problems;
    return entries;
}

}  // namespace sagebuild
