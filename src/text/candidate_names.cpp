#include "text/candidate_names.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "text/json_fields.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t longest_line = std::size_t{64} << 10;
constexpr std::size_t most_names = 200'000;
constexpr std::size_t most_faults = 20;

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> keys = {"name", "sm",     "dispatch",        "any_torch", "toolkit",
                                                  "url",  "sha256", "requires_python", "yanked",    "size"};
    return keys;
}

void read_content(JsonFields& fields, WheelCandidate& candidate) {
    CandidateContent content;
    content.images = fields.images("sm");
    content.dispatch = fields.archs("dispatch");
    content.any_torch = fields.boolean("any_torch").value_or(false);
    content.toolkit = fields.version("toolkit", "12.9.1");
    if (content.images || content.dispatch || content.any_torch || content.toolkit) candidate.content = std::move(content);
}

bool is_sha256(std::string_view text) {
    const auto is_hex = [](char letter) { return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'); };
    return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

WheelCandidate read_object(const JsonNode& object, const JsonSource& source, Diagnostics& faults, Diagnostics& warnings) {
    WheelCandidate candidate;
    JsonFields fields(object, source, faults);
    const auto name = fields.text("name");
    if (name) candidate.name = *name;
    if (!name && (object.find("name") == nullptr || object.find("name")->kind == JsonNode::Kind::null)) {
        fields.add("name", "the object has no `name`");
    }
    read_content(fields, candidate);
    candidate.location = fields.text("url").value_or("");
    candidate.sha256 = fields.text("sha256").value_or("");
    if (!candidate.sha256.empty() && !is_sha256(candidate.sha256))
        fields.add("sha256", "`sha256` is not 64 hexadecimal digits in small letters");
    candidate.size = fields.size("size");
    candidate.requires_python = fields.text("requires_python").value_or("");
    candidate.yanked = fields.boolean("yanked").value_or(false);
    fields.warn_of_unknown(known_keys(), warnings);
    return candidate;
}

std::string_view trim(std::string_view line) {
    const auto is_space = [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; };
    while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<CandidateReading> parse_candidate_names(std::string_view bytes, const std::string& file) {
    CandidateReading reading;
    Diagnostics faults;
    std::unordered_map<std::string, std::size_t> seen;
    int number = 0;
    while (!bytes.empty() && faults.size() < most_faults) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::string_view line = trim(bytes.substr(0, end));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const JsonSource source{file, "SB0422", number};
        if (line.size() > longest_line) {
            faults.push_back(source.fault(number, 1, "the line has " + std::to_string(line.size()) + " bytes, more than any wheel needs"));
            continue;
        }
        WheelCandidate candidate;
        if (line.starts_with('{')) {
            auto object = parse_json(line, source);
            if (!object) {
                faults.push_back(object.errors().front());
                continue;
            }
            candidate = read_object(*object, source, faults, reading.warnings);
        } else {
            candidate.name = std::string(line);
        }
        const auto [known, is_new] = seen.emplace(candidate.name, reading.candidates.size());
        if (is_new) {
            reading.candidates.push_back(std::move(candidate));
        } else if (!reading.candidates[known->second].content && candidate.content) {
            reading.candidates[known->second] = std::move(candidate);  // a line that knows more of the same wheel
        }
        if (reading.candidates.size() > most_names) {
            faults.push_back(source.fault(number, 1, "the file has more than " + std::to_string(most_names) + " names"));
            break;
        }
    }
    if (!faults.empty()) return faults;
    return reading;
}

}  // namespace sagebuild
