#include "text/torch_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

TorchImages read_torch_images(YamlReader& reader, const YamlNode& node) {
    TorchImages images;
    if (node.kind == YamlNode::Kind::scalar) {
        reader.read_word(node, "the archs", {"shipped"});
        images.is_known = false;
        return images;
    }
    reader.read_list(node, "the archs", false, [&](const YamlNode& item) {
        if (!reader.is_text(item, "an arch")) return;
        const std::string_view text = item.text;
        const std::string_view name = text.substr(0, text.find("+PTX"));
        if (const auto arch = parse_arch(name)) {
            images.cubins.push_back(*arch);
            if (name != text) images.ptx.push_back(*arch);
            return;
        }
        reader.add("SB0203", "`" + item.text + "` is not an arch", item).hints.emplace_back("write it like `8.9` or `12.0+PTX`");
    });
    return images;
}

constexpr std::array variant_fields = {
    YamlField<TorchVariant>{
        "linux_x86_64", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, TorchVariant& variant) { variant.linux_x86_64 = read_torch_images(reader, node); }},
    YamlField<TorchVariant>{
        "linux_aarch64", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, TorchVariant& variant) { variant.linux_aarch64 = read_torch_images(reader, node); }},
    YamlField<TorchVariant>{"windows", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchVariant& variant) {
                                variant.windows = reader.read_bool(node, "`windows`").value_or(false);
                            }},
};

void read_variants(YamlReader& reader, const YamlNode& node, TorchRelease& release) {
    read_by_version(reader, node, "`variants`", "CUDA minor", 2, "12.9", [&](const std::optional<Version>& cuda, const YamlEntry& entry) {
        TorchVariant variant;
        reader.read_mapping<TorchVariant>(entry.value, "variant " + entry.key.text, variant_fields, variant);
        if (!cuda) return;
        if (variant.linux_x86_64) release.cudas.push_back(*cuda);
        release.variants[*cuda] = std::move(variant);
    });
    std::sort(release.cudas.begin(), release.cudas.end());
}

void read_free_threaded(YamlReader& reader, const YamlNode& node, TorchRelease& release) {
    reader.read_list(node, "`pythons_free_threaded`", false, [&](const YamlNode& item) {
        if (!reader.is_text(item, "a free-threaded Python")) return;
        const auto version = item.text.ends_with('t') ? parse_version(item.text.substr(0, item.text.size() - 1)) : std::nullopt;
        if (version && version->size() == 2) {
            release.pythons_free_threaded.push_back(*version);
            return;
        }
        reader.add("SB0202", "`" + item.text + "` is not a free-threaded Python", item).hints.emplace_back("write it like `3.13t`");
    });
}

/// CUDA of the wheel that PyPI holds; empty for `cpu`.
std::optional<Version> read_pypi_cuda(YamlReader& reader, const YamlNode& node, std::string_view subject) {
    if (node.kind == YamlNode::Kind::scalar && node.text == "cpu") return std::nullopt;
    return reader.read_version(node, subject, 2, 2, "12.8");
}

/// `{all: true}`, or one value per CUDA minor.
void read_cxx11_abi(YamlReader& reader, const YamlNode& node, TorchRelease& release) {
    if (!reader.is_mapping(node, "`cxx11_abi`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto value = reader.read_bool(entry.value, "`cxx11_abi`");
        if (entry.key.text == "all") {
            release.cxx11_abi = value;
        } else if (const auto cuda = reader.read_version(entry.key, "CUDA minor", 2, 2, "12.6"); cuda && value) {
            release.cxx11_abi_by_variant[*cuda] = *value;
        }
    }
}

constexpr std::array release_fields = {
    YamlField<TorchRelease>{"source", Presence::required, check_texts},
    YamlField<TorchRelease>{"released", Presence::optional, check_text},
    YamlField<TorchRelease>{"pythons", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.pythons = read_versions(reader, node, "`pythons`", "3.12");
                            }},
    YamlField<TorchRelease>{"pythons_free_threaded", Presence::optional, read_free_threaded},
    YamlField<TorchRelease>{"pypi_cuda", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.pypi_cuda = read_pypi_cuda(reader, node, "`pypi_cuda`");
                            }},
    YamlField<TorchRelease>{"pypi_cuda_aarch64", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.pypi_cuda_aarch64 = read_pypi_cuda(reader, node, "`pypi_cuda_aarch64`");
                            }},
    YamlField<TorchRelease>{"cudnn", Presence::optional, check_text},
    YamlField<TorchRelease>{"triton", Presence::optional, check_mapping},
    YamlField<TorchRelease>{"cxx11_abi", Presence::optional, read_cxx11_abi},
    YamlField<TorchRelease>{"cxx_std_extension", Presence::optional, check_text},
    YamlField<TorchRelease>{"cxx_std_required", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.cxx_std_required = read_number(reader, node, "`cxx_std_required`", "17").value_or(0);
                            }},
    YamlField<TorchRelease>{"platform", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.platform = reader.read_text(node, "`platform`").value_or("");
                            }},
    YamlField<TorchRelease>{"variants", Presence::required, read_variants},
    YamlField<TorchRelease>{"unverified", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.unverified = read_versions(reader, node, "`unverified`", "12.6");
                            }},
    YamlField<TorchRelease>{"notes", Presence::optional, check_texts},
};

}  // namespace

void read_torch(YamlReader& reader, const YamlNode& node, Compat& compat) {
    read_by_version(reader, node, "`torch`", "torch minor", 2, "2.8", [&](const std::optional<Version>& version, const YamlEntry& entry) {
        TorchRelease release;
        reader.read_mapping<TorchRelease>(entry.value, "torch " + entry.key.text, release_fields, release);
        if (!version) return;
        release.version = *version;
        compat.torch[*version] = std::move(release);
    });
}

void read_torch_index(YamlReader& reader, const YamlNode& node, Compat& compat) {
    compat.torch_index = reader.read_text(node, "`index`").value_or("");
}

}  // namespace sagebuild
