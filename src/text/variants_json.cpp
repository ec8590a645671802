#include "text/variants_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/sha256.hpp"
#include "text/wheel_metadata.hpp"
#include "text/zip.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_label = 16;

/// `torch2.8_cu129`.
std::string label_of(const PublishedWheel& wheel, const WheelVariant& variant) {
    std::string label = "torch" + wheel.torch->prefix(2).to_string();
    if (wheel.cuda)
        label += "_cu" + std::to_string(wheel.cuda->part(0)) + (wheel.cuda->size() > 1 ? std::to_string(wheel.cuda->part(1)) : "");
    const bool is_plain = !wheel.facts.cxx11_abi && wheel.facts.archs.empty();
    return is_plain && label.size() <= longest_label ? label : digest_label(variant);
}

std::vector<std::string> sm_archs(const std::vector<CandidateImage>& images) {
    std::vector<std::string> values;
    for (const CandidateImage& image : images) {
        if (image.cubin) values.push_back(image.arch.compiler_name() + "_real");
        if (image.ptx) values.push_back(image.arch.compiler_name() + "_virtual");
    }
    return values;
}

}  // namespace

std::optional<WheelVariant> describe_variant(const PublishedWheel& wheel) {
    if (!wheel.torch || wheel.facts.torch_or_later || wheel.facts.is_container || wheel.facts.cxx11_abi) return std::nullopt;
    WheelVariant variant;
    variant.properties["abi_dependency"]["torch"] = {wheel.torch->prefix(2).to_string()};
    if (wheel.cuda) variant.properties["nvidia"]["cuda_version_lower_bound"] = {wheel.cuda->prefix(2).to_string()};
    if (wheel.wheel.content && wheel.wheel.content->images && !wheel.wheel.content->images->empty()) {
        variant.properties["nvidia"]["sm_arch"] = sm_archs(*wheel.wheel.content->images);
    }
    variant.label = label_of(wheel, variant);
    return variant;
}

std::string digest_label(const WheelVariant& variant) {
    return sha256_hex(Json(variant.properties).dump()).substr(0, longest_label);
}

std::string render_variants_json(const std::vector<WheelVariant>& variants) {
    std::map<std::string, Json> by_label;
    bool has_nvidia = false;
    for (const WheelVariant& variant : variants) {
        by_label[variant.label] = Json(variant.properties);
        has_nvidia = has_nvidia || variant.properties.contains("nvidia");
    }
    Json namespaces = Json::array(), providers = Json::object();
    if (has_nvidia) {
        namespaces.push_back("nvidia");
        providers["nvidia"] = {{"requires", {"nvidia-variant-provider"}},
                               {"plugin-api", "nvidia_variant_provider.plugin:NvidiaVariantPlugin"}};
    }
    namespaces.push_back("abi_dependency");
    providers["abi_dependency"] = {{"builtin", "abi_dependency"}};
    const Json root = {{"$schema", "https://variants-schema.wheelnext.dev/v0.2.0.json"},
                       {"default-priorities", {{"namespace", std::move(namespaces)}}},
                       {"providers", std::move(providers)},
                       {"variants", by_label}};
    return root.dump(1) + "\n";
}

std::string variant_wheel_name(const std::string& file, const std::string& label) {
    constexpr std::string_view suffix = ".whl";
    return file.substr(0, file.size() - suffix.size()) + "-" + label + std::string(suffix);
}

Result<std::string> make_variant_wheel(std::string_view wheel, const WheelVariant& variant) {
    SAGEBUILD_TRY(std::vector<ZipEntry> entries, read_zip(wheel));
    const auto record =
        std::find_if(entries.begin(), entries.end(), [](const ZipEntry& entry) { return entry.path.ends_with(".dist-info/RECORD"); });
    if (record == entries.end()) return Diagnostic{.code = "SB0404", .what = "wheel has no RECORD"};
    const std::string path = record->path;
    entries.erase(record);
    const std::string information = path.substr(0, path.rfind('/') + 1);
    entries.push_back({information + "variant.json", render_variants_json({variant}), false});
    std::vector<RecordEntry> lines;
    for (const ZipEntry& entry : entries) lines.push_back(make_record_entry(entry.path, entry.bytes));
    lines.push_back({path, "", {}});
    entries.push_back({path, render_record(lines), false});
    return write_zip(entries, 0);
}

}  // namespace sagebuild
