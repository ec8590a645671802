#include "text/sbom.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/text_list.hpp"
#include "core/url.hpp"
#include "text/core_metadata.hpp"
#include "text/json_document.hpp"
#include "text/package_url.hpp"
#include "text/sha256.hpp"
#include "text/wheel_manifest.hpp"
#include "text/zip.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view bill_ending = ".cdx.json";

/// A serial number must be a UUID and must not change with the time: the first bits of a digest, marked as version 8 (RFC 9562,
/// section 5.8).
std::string serial_number(const std::string& wheel_sha256) {
    std::string hex = sha256_hex("sbom of " + wheel_sha256).substr(0, 32);
    hex[12] = '8';
    hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) & 3];
    return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20, 12);
}

Json property(std::string_view name, const std::string& value) {
    return {{"name", "sagebuild:" + std::string(name)}, {"value", value}};
}

Json wheel_properties(const PublishedWheel& wheel, const std::optional<WheelManifest>& manifest) {
    Json list = Json::array();
    const auto add = [&list](std::string_view name, const std::string& value) {
        if (!value.empty()) list.push_back(property(name, value));
    };
    add("requires-python", wheel.wheel.requires_python);
    add("torch", wheel.torch ? wheel.torch->to_string() : "");
    add("cuda", wheel.cuda ? wheel.cuda->to_string() : "");
    if (wheel.wheel.content && wheel.wheel.content->images) {
        add("images", join_texts(*wheel.wheel.content->images, " ",
                                 [](const CandidateImage& image) { return image.arch.to_string() + (image.ptx ? "+PTX" : ""); }));
    }
    if (manifest) {
        add("target", manifest->target);
        add("toolkit", manifest->toolkit);
        add("source-digest", manifest->source_digest);
    }
    return list;
}

Json wheel_component(const PublishedWheel& wheel, const CoreMetadata& metadata, const std::optional<WheelManifest>& manifest) {
    const std::string purl = pypi_purl(metadata.name, metadata.version) + "?file_name=" + percent_encoded(wheel.wheel.name);
    Json component = {{"type", "library"}, {"bom-ref", purl}, {"name", metadata.name}, {"version", metadata.version}};
    if (!metadata.summary.empty()) component["description"] = metadata.summary;
    component["hashes"] = Json::array({{{"alg", "SHA-256"}, {"content", wheel.wheel.sha256}}});
    if (!metadata.license_expression.empty()) component["licenses"] = Json::array({{{"expression", metadata.license_expression}}});
    component["purl"] = purl;
    component["properties"] = wheel_properties(wheel, manifest);
    return component;
}

/// The distribution of `torch (>=2.6) ; extra == "x"`.
std::string distribution_of(const std::string& requirement) {
    return normalise_project(requirement.substr(0, requirement.find_first_of(" (<>=!~;[@")));
}

/// What METADATA requires, by package URL; a distribution that only extras ask for is optional.
std::map<std::string, Json> required_components(const CoreMetadata& metadata) {
    std::map<std::string, Json> components;
    for (const std::string& requirement : metadata.requires_dist) {
        const std::string name = distribution_of(requirement);
        if (name.empty()) continue;
        const std::string purl = pypi_purl(name, "");
        Json& component = components[purl];
        const bool is_optional = requirement.find("extra", std::min(requirement.find(';'), requirement.size())) != std::string::npos;
        if (component.is_null()) {
            component = {{"type", "library"}, {"bom-ref", purl}, {"name", name}, {"scope", "optional"}, {"purl", purl}};
            component["properties"] = Json::array();
        }
        if (!is_optional) component["scope"] = "required";
        component["properties"].push_back(property("requires-dist", requirement));
    }
    return components;
}

Json tool_component(const std::string& name, const std::string& version, const std::string& purl) {
    Json component = {{"type", "application"}, {"bom-ref", purl}, {"name", name}};
    if (!version.empty()) component["version"] = version;
    component["scope"] = "excluded";  // CycloneDX: needed to build, not to run
    component["purl"] = purl;
    return component;
}

std::map<std::string, Json> build_tools(const WheelManifest& manifest) {
    std::map<std::string, Json> tools;
    const auto add = [&tools](const std::string& name, const std::string& version, const std::string& purl) {
        tools.emplace(purl, tool_component(name, version, purl));
    };
    for (const auto& component : manifest.components)
        add(component.distribution, component.version, pypi_purl(component.distribution, component.version));
    if (manifest.components.empty())
        add(manifest.compiler, manifest.compiler_version, generic_purl(manifest.compiler, manifest.compiler_version));
    const auto [host, host_version] = split_tool(manifest.host_compiler, '-');
    add(host, host_version, generic_purl(host, host_version));
    const auto [generator, generator_version] = split_tool(manifest.generator, ' ');
    add(generator, generator_version, generic_purl(generator, generator_version));
    return tools;
}

Diagnostic fault(const std::string& file, std::string what) {
    return {.code = "SB0643", .what = std::move(what), .place = {file, 0, 0}};
}

/// The SHA-256 of `metadata.component`.
Result<std::string> read_bill(const ZipEntry& entry, const std::string& file) {
    SAGEBUILD_TRY(const JsonNode root, parse_json(entry.bytes, {.file = file + ":" + entry.path, .code = "SB0643"}));
    const JsonNode* metadata = root.find("metadata");
    const JsonNode* component = metadata == nullptr ? nullptr : metadata->find("component");
    const JsonNode* hashes = component == nullptr ? nullptr : component->find("hashes");
    if (hashes != nullptr) {
        for (const JsonNode& hash : hashes->items) {
            const JsonNode* algorithm = hash.find("alg");
            const JsonNode* content = hash.find("content");
            const bool is_sha = algorithm != nullptr && algorithm->text == "SHA-256" && content != nullptr;
            if (is_sha && content->kind == JsonNode::Kind::text && is_sha256(content->text)) return content->text;
        }
    }
    return fault(file, "`" + printable(entry.path, 160) + "` states no SHA-256 of its wheel");
}

}  // namespace

std::string render_sbom(const PublishedWheel& wheel) {
    const CoreMetadata metadata = parse_core_metadata(wheel.metadata).value();
    const auto parsed = parse_wheel_manifest(wheel.manifest);
    const auto manifest = parsed ? std::optional(*parsed) : std::nullopt;
    Json component = wheel_component(wheel, metadata, manifest);
    const Json ref = component["bom-ref"];
    Json components = Json::array(), depends_on = Json::array(), dependencies = Json::array();
    for (auto& [purl, required] : required_components(metadata)) {
        depends_on.push_back(purl);
        components.push_back(required);
    }
    dependencies.push_back({{"ref", ref}, {"dependsOn", depends_on}});
    if (manifest) {
        for (auto& [purl, tool] : build_tools(*manifest)) components.push_back(tool);
    }
    for (const Json& each : components) dependencies.push_back({{"ref", each["bom-ref"]}});
    const Json root = {
        {"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
        {"bomFormat", "CycloneDX"},
        {"specVersion", "1.6"},
        {"serialNumber", serial_number(wheel.wheel.sha256)},
        {"version", 1},
        {"metadata", {{"component", std::move(component)}}},
        {"components", std::move(components)},
        {"dependencies", std::move(dependencies)},
    };
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> make_sbom_archive(const std::vector<PublishedWheel>& wheels) {
    std::vector<ZipEntry> entries;
    for (const PublishedWheel& wheel : wheels) entries.push_back({wheel.wheel.name + std::string(bill_ending), render_sbom(wheel), false});
    return write_zip(entries, 0);
}

Result<std::vector<StatedDigest>> parse_sbom_archive(std::string_view bytes, const std::string& file) {
    const auto entries = read_zip(bytes);
    if (!entries) {
        Diagnostics problems;
        for (const Diagnostic& problem : entries.errors()) problems.push_back(fault(file, problem.what));
        return problems;
    }
    std::vector<StatedDigest> files;
    Diagnostics problems;
    for (const ZipEntry& entry : *entries) {
        const std::string name = entry.path.substr(0, entry.path.size() - std::min(entry.path.size(), bill_ending.size()));
        if (!entry.path.ends_with(bill_ending) || !is_asset_name(name)) {
            problems.push_back(fault(file, "`" + printable(entry.path, 160) + "` is no bill of materials of a wheel"));
            continue;
        }
        auto digest = read_bill(entry, file);
        if (!digest) {
            problems.insert(problems.end(), digest.errors().begin(), digest.errors().end());
        } else {
            files.push_back({name, std::move(digest).value()});
        }
    }
    if (problems.empty() && files.empty()) problems.push_back(fault(file, "archive holds no bill of materials"));
    if (!problems.empty()) return problems;
    return files;
}

}  // namespace sagebuild
