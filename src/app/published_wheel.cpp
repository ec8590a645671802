#include "app/published_wheel.hpp"

#include "app/candidate_file.hpp"
#include "core/torch_requirement.hpp"
#include "text/core_metadata.hpp"
#include "text/wheel_manifest.hpp"

namespace sagebuild {

namespace {

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

/// pip and uv compare both with the file name and refuse a wheel that differs.
Diagnostics compare_with_name(const CoreMetadata& metadata, const WheelName& name) {
    Diagnostics problems;
    if (normalise_project(metadata.name) != normalise_project(name.distribution)) {
        problems.push_back(
            {.code = "SB0405", .what = "METADATA is of " + quoted(metadata.name) + ", the file name of " + quoted(name.distribution)});
    }
    if (metadata.version != name.version) {
        problems.push_back(
            {.code = "SB0405", .what = "METADATA has version " + quoted(metadata.version) + ", the file name " + quoted(name.version)});
    }
    return problems;
}

/// What `Requires-Dist: torch==2.8.*` or `torch (==2.8.0+cu129)` pins, without a marker.
std::optional<TorchPin> find_torch_pin(const CoreMetadata& metadata) {
    for (const std::string& requirement : metadata.requires_dist) {
        const std::size_t end = requirement.find_first_of(" (<>=!~;[@");
        if (end == std::string::npos || normalise_project(requirement.substr(0, end)) != "torch") continue;
        if (requirement.find(';') != std::string::npos) continue;
        std::string specifier = requirement.substr(end);
        std::erase_if(specifier, [](char letter) { return letter == ' ' || letter == '(' || letter == ')'; });
        if (auto pin = parse_torch_pin(specifier)) return pin;
    }
    return std::nullopt;
}

/// The finer of two statements of one version: `2.8.0` of `2.8.0` and `2.8`; `first` where they differ.
std::optional<Version> finer(const std::optional<Version>& first, const std::optional<Version>& second) {
    return first && (!second || !second->starts_with(*first)) ? first : second;
}

void enter_purpose(PublishedWheel& wheel, const CoreMetadata& metadata, const std::optional<WheelManifest>& manifest) {
    if (manifest) {
        if (manifest->kind == TargetKind::universal) return;
        wheel.torch = parse_version(manifest->torch.value_or(""));
        wheel.cuda = parse_version(manifest->cuda);
        return;
    }
    const auto pin = find_torch_pin(metadata);
    wheel.torch = finer(pin ? std::optional(pin->version) : std::nullopt, wheel.facts.torch);
    wheel.cuda = finer(pin && pin->build ? pin->build->cuda : std::nullopt, wheel.facts.cuda);
}

}  // namespace

Result<PublishedWheel> open_published_wheel(const ByteFile& file, const std::string& path, const Compat& compat) {
    SAGEBUILD_TRY(OpenedWheel opened, open_wheel(file, path));
    const auto name = parse_wheel_name(opened.candidate.name);
    Diagnostics problems;
    const auto add_all = [&](const Diagnostics& more) { problems.insert(problems.end(), more.begin(), more.end()); };
    if (!name) add_all(name.errors());
    add_all(opened.unknown);
    add_all(opened.malformed);
    if (problems.empty() && opened.metadata.empty()) problems.push_back({.code = "SB0403", .what = "wheel has no METADATA"});
    PublishedWheel wheel;
    if (problems.empty()) {
        const CoreMetadata metadata = parse_core_metadata(opened.metadata).value();
        add_all(compare_with_name(metadata, *name));
        wheel.name = *name;
        wheel.facts = read_wheel_facts(*name, compat);
        std::optional<WheelManifest> manifest;
        if (!opened.manifest.empty()) manifest = parse_wheel_manifest(opened.manifest).value();
        enter_purpose(wheel, metadata, manifest);
    }
    if (!problems.empty()) {
        for (Diagnostic& problem : problems) problem.place.file = path;
        return problems;
    }
    wheel.wheel = std::move(opened.candidate);
    wheel.metadata = std::move(opened.metadata);
    wheel.manifest = std::move(opened.manifest);
    return wheel;
}

Result<PublishedWheel> open_published_wheel(std::string_view bytes, const std::string& path, const Compat& compat) {
    return open_published_wheel(MemoryByteFile(bytes), path, compat);
}

Result<PublishedWheel> load_published_wheel(const std::string& path, const Compat& compat, const Edges& edges) {
    SAGEBUILD_TRY(const auto file, edges.files.open_file(path));
    return open_published_wheel(*file, path, compat);
}

Result<std::vector<PublishedWheel>> load_published_wheels(const std::string& directory, const Compat& compat, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<std::string> names, edges.files.list(directory));
    std::vector<PublishedWheel> wheels;
    Diagnostics problems;
    bool has_wheel = false;
    for (const std::string& name : names) {
        const std::string path = directory + (directory.ends_with('/') ? "" : "/") + name;
        if (!name.ends_with(".whl") || !edges.files.is_file(path)) continue;
        has_wheel = true;
        auto wheel = load_published_wheel(path, compat, edges);
        if (!wheel) {
            problems.insert(problems.end(), wheel.errors().begin(), wheel.errors().end());
        } else {
            wheels.push_back(std::move(wheel).value());
        }
    }
    if (!has_wheel) problems.push_back({.code = "SB0563", .what = "no wheel is found in `" + printable(directory) + "`"});
    if (!problems.empty()) return problems;
    return wheels;
}

}  // namespace sagebuild
