#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/published_wheel.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// What a wheel needs beyond its tags, after the draft of PEP 825: namespace, feature, values of which one must hold.
struct WheelVariant {
    std::string label;  ///< last part of the file name: at most 16 of `a-z0-9_.`
    std::map<std::string, std::map<std::string, std::vector<std::string>>> properties;

    bool operator==(const WheelVariant&) const = default;
};

/// The variant of a wheel for one torch: `abi_dependency :: torch :: 2.8`, `nvidia :: cuda_version_lower_bound :: 12.9`, and of each
/// image inside `nvidia :: sm_arch :: 90a_real` or, PTX, `_virtual`. Empty if the draft cannot express what the wheel is made for.
std::optional<WheelVariant> describe_variant(const PublishedWheel& wheel);

/// A label that stands for the properties alone, for variants that would share one.
std::string digest_label(const WheelVariant& variant);

/// `variant.json` of one wheel, and `{name}-{version}-variants.json` of an index (PEP 825, «Variant metadata», «Index-level metadata»),
/// with the `providers` that the draft leaves to a later PEP and variantlib asks for. Variants with one label have equal properties.
std::string render_variants_json(const std::vector<WheelVariant>& variants);

/// `name-1.0-cp312-cp312-linux_x86_64.whl` with the label before `.whl`.
std::string variant_wheel_name(const std::string& file, const std::string& label);

/// The wheel with `variant.json` in its `.dist-info`, and a RECORD that lists it. Equal bytes give equal bytes.
Result<std::string> make_variant_wheel(std::string_view wheel, const WheelVariant& variant);

}  // namespace sagebuild
