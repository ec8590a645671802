#include "text/json_fields.hpp"

#include <algorithm>
#include <charconv>

#include "core/nearest.hpp"

namespace sagebuild {

namespace {

/// `12.0+PTX`
std::optional<CandidateImage> parse_image(std::string_view text) {
    constexpr std::string_view suffix = "+PTX";
    const bool ptx = text.ends_with(suffix);
    if (ptx) text.remove_suffix(suffix.size());
    const auto arch = parse_arch(text);
    return arch ? std::optional(CandidateImage{*arch, ptx}) : std::nullopt;
}

}  // namespace

void JsonFields::add(std::string_view key, std::string what, std::vector<std::string> hints) {
    const JsonNode* value = m_object.find(key);
    const JsonNode& at = value != nullptr ? *value : m_object;
    Diagnostic fault = m_source.fault(at.line, at.column, std::move(what));
    fault.hints = std::move(hints);
    m_faults.push_back(std::move(fault));
}

const JsonNode* JsonFields::member(std::string_view key, JsonNode::Kind kind, std::string_view wanted) {
    const JsonNode* value = m_object.find(key);
    if (value == nullptr || value->kind == JsonNode::Kind::null) return nullptr;
    if (value->kind == kind) return value;
    std::vector<std::string> hints;
    if (kind == JsonNode::Kind::text && value->kind == JsonNode::Kind::number) hints.push_back("write `\"" + value->text + "\"`");
    add(key, "`" + std::string(key) + "` is " + std::string(value->describe()) + ", not " + std::string(wanted), std::move(hints));
    return nullptr;
}

std::optional<std::string> JsonFields::text(std::string_view key) {
    const JsonNode* value = member(key, JsonNode::Kind::text, "a text");
    return value != nullptr ? std::optional(value->text) : std::nullopt;
}

std::optional<bool> JsonFields::boolean(std::string_view key) {
    const JsonNode* value = member(key, JsonNode::Kind::boolean, "true or false");
    return value != nullptr ? std::optional(value->boolean) : std::nullopt;
}

std::optional<std::uint64_t> JsonFields::size(std::string_view key) {
    const JsonNode* value = member(key, JsonNode::Kind::number, "a number");
    if (value == nullptr) return std::nullopt;
    std::uint64_t number = 0;
    const char* end = value->text.data() + value->text.size();
    const auto [stop, error] = std::from_chars(value->text.data(), end, number);
    if (error == std::errc() && stop == end) return number;
    add(key, "`" + std::string(key) + "`: `" + printable(value->text, 80) + "` is not a number of bytes");
    return std::nullopt;
}

std::optional<Version> JsonFields::version(std::string_view key, std::string_view example) {
    const auto written = text(key);
    if (!written) return std::nullopt;
    auto version = parse_version(*written);
    if (!version)
        add(key, "`" + std::string(key) + "`: `" + printable(*written, 80) + "` is not a version such as `" + std::string(example) + "`");
    return version;
}

std::optional<std::vector<CandidateImage>> JsonFields::images(std::string_view key) {
    const JsonNode* list = member(key, JsonNode::Kind::array, "a list");
    if (list == nullptr) return std::nullopt;
    std::vector<CandidateImage> images;
    for (const JsonNode& item : list->items) {
        const auto image = item.kind == JsonNode::Kind::text ? parse_image(item.text) : std::nullopt;
        if (image) {
            images.push_back(*image);
            continue;
        }
        const std::string shown = item.kind == JsonNode::Kind::text ? "`" + printable(item.text, 80) + "`" : std::string(item.describe());
        m_faults.push_back(
            m_source.fault(item.line, item.column, "`" + std::string(key) + "` holds " + shown + ", not an arch such as `\"8.9\"`"));
    }
    return images;
}

std::optional<std::vector<Arch>> JsonFields::archs(std::string_view key) {
    const auto list = images(key);
    if (!list) return std::nullopt;
    std::vector<Arch> archs;
    for (const CandidateImage& image : *list) {
        if (image.ptx || image.arch.feature != ArchFeature::portable) {
            add(key, "`" + std::string(key) + "` names GPUs: `" + image.arch.to_string() + (image.ptx ? "+PTX" : "") + "` has a suffix");
        }
        archs.push_back(image.arch);
    }
    return archs;
}

void JsonFields::warn_of_unknown(const std::vector<std::string>& known, Diagnostics& warnings) const {
    for (const JsonEntry& entry : m_object.entries) {
        if (std::find(known.begin(), known.end(), entry.key.text) != known.end()) continue;
        Diagnostic warning = m_source.fault(entry.key.line, entry.key.column, "key `" + printable(entry.key.text, 80) + "` is not read");
        warning.severity = Severity::warning;
        warning.nearest = find_nearest(entry.key.text, known);
        warnings.push_back(std::move(warning));
    }
}

}  // namespace sagebuild
