#include "app/index_build_variants.hpp"

#include <algorithm>
#include <tuple>

#include "text/sha256.hpp"

namespace sagebuild {

namespace {

/// Project names in file names: `_` between words (binary distribution format, PyPA).
std::string escaped_project(const std::string& project) {
    std::string out = project;
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

/// A label means the same properties in all wheels of one version (PEP 825, «Variant label»).
void relabel_clashes(std::vector<IndexedWheel>& wheels) {
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<WheelVariant*>> groups;
    for (IndexedWheel& wheel : wheels) {
        groups[{normalise_project(wheel.wheel.name.distribution), wheel.wheel.name.version, wheel.variant->label}].push_back(
            &*wheel.variant);
    }
    for (const auto& [key, variants] : groups) {
        const auto differs = [&](const WheelVariant* variant) { return variant->properties != variants.front()->properties; };
        if (std::none_of(variants.begin(), variants.end(), differs)) continue;
        for (WheelVariant* variant : variants) variant->label = digest_label(*variant);
    }
}

/// Digest and size of a variant wheel, remembered or by making it.
Result<> measure(IndexedWheel& indexed, const IndexState& known, const Edges& edges) {
    WheelCandidate& wheel = indexed.wheel.wheel;
    wheel.name = variant_wheel_name(wheel.name, indexed.variant->label);
    indexed.identity = "variant of sha256=" + wheel.sha256;
    if (const auto found = known.wheels.find({wheel.name, indexed.identity}); found != known.wheels.end()) {
        wheel.sha256 = found->second.sha256;
        wheel.size = found->second.size;
        return Unit{};
    }
    SAGEBUILD_TRY(const std::string bytes, edges.files.read(indexed.copied_from));
    SAGEBUILD_TRY(const std::string made, make_variant_wheel(bytes, *indexed.variant));
    wheel.sha256 = sha256_hex(made);
    wheel.size = made.size();
    return Unit{};
}

}  // namespace

Result<VariantIndex> make_variant_index(const std::vector<const IndexedWheel*>& wheels, const IndexState& known, const Edges& edges) {
    VariantIndex index;
    for (const IndexedWheel* wheel : wheels) {
        auto variant = describe_variant(wheel->wheel);
        if (variant && !wheel->copied_from.empty()) {
            index.wheels.push_back(*wheel);
            index.wheels.back().variant = std::move(variant);
            continue;
        }
        index.warnings.push_back({.code = "SB0669",
                                  .what = "`" + printable(wheel->wheel.wheel.name, 160) + "` has no variant: " +
                                          (variant ? "it stays at its address, under its name" : "no property says what it is made for"),
                                  .severity = Severity::warning});
    }
    relabel_clashes(index.wheels);
    std::map<std::pair<std::string, std::string>, std::vector<WheelVariant>> variants;
    for (IndexedWheel& wheel : index.wheels) {
        SAGEBUILD_CHECK(measure(wheel, known, edges));
        variants[{normalise_project(wheel.wheel.name.distribution), wheel.wheel.name.version}].push_back(*wheel.variant);
    }
    for (const auto& [key, found] : variants) {
        index.documents[key.first][escaped_project(key.first) + "-" + key.second + "-variants.json"] = render_variants_json(found);
    }
    return index;
}

}  // namespace sagebuild
