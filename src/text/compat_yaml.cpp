#include "text/compat_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/nearest.hpp"
#include "text/toolchains_yaml.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

namespace {

// Facts that the files keep for their readers and for later use: only their type is checked.

template <typename Object>
void check_text(YamlReader& reader, const YamlNode& node, Object&) {
    reader.is_text(node, "this fact");
}

template <typename Object>
void check_bool(YamlReader& reader, const YamlNode& node, Object&) {
    reader.read_bool(node, "this fact");
}

template <typename Object>
void check_texts(YamlReader& reader, const YamlNode& node, Object&) {
    reader.read_list(node, "this fact", false, [&](const YamlNode& item) { reader.is_text(item, "an item of it"); });
}

template <typename Object>
void check_mapping(YamlReader& reader, const YamlNode& node, Object&) {
    reader.is_mapping(node, "this fact");
}

template <typename Object>
void check_schema(YamlReader& reader, const YamlNode& node, Object&) {
    reader.check_schema(node);
}

std::vector<Version> read_versions(YamlReader& reader, const YamlNode& node, std::string_view subject, std::string_view example) {
    std::vector<Version> versions;
    SeenOnce<Version> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        const auto version = reader.read_version(item, "version", 2, 2, example);
        if (version && seen.insert(reader, item, *version, "version `" + item.text + "` stands twice")) versions.push_back(*version);
    });
    std::sort(versions.begin(), versions.end());
    return versions;
}

// cuda.yaml -----------------------------------------------------------------------------------------------------------------------------

void read_targets(YamlReader& reader, const YamlNode& node, CudaToolkit& toolkit) {
    SeenOnce<Arch> seen;
    reader.read_list(node, "`targets`", false, [&](const YamlNode& item) {
        if (!reader.is_text(item, "a target")) return;
        const auto arch = parse_compiler_arch(item.text);
        if (!arch) {
            reader.add("SB0203", "`" + item.text + "` is not an arch as compilers name it", item)
                .hints.emplace_back("write it like `90` or `90a`");
        } else if (seen.insert(reader, item, *arch, "target `" + item.text + "` stands twice")) {
            toolkit.targets.push_back(*arch);
        }
    });
    std::sort(toolkit.targets.begin(), toolkit.targets.end());
}

constexpr std::array toolkit_fields = {
    YamlField<CudaToolkit>{"source", Presence::required, check_texts},   YamlField<CudaToolkit>{"nvcc", Presence::optional, check_text},
    YamlField<CudaToolkit>{"targets", Presence::required, read_targets}, YamlField<CudaToolkit>{"gcc_max", Presence::optional, check_text},
    YamlField<CudaToolkit>{"clang_max", Presence::optional, check_text}, YamlField<CudaToolkit>{"msc_ver", Presence::optional, check_texts},
};

void read_cuda(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`cuda`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto version = reader.read_version(entry.key, "CUDA minor", 2, 2, "12.9");
        CudaToolkit toolkit;
        reader.read_mapping<CudaToolkit>(entry.value, "CUDA " + entry.key.text, toolkit_fields, toolkit);
        if (!version) continue;
        toolkit.version = *version;
        compat.cuda[*version] = std::move(toolkit);
    }
}

// torch.yaml ----------------------------------------------------------------------------------------------------------------------------

/// One variant of a torch minor; of it only whether linux x86-64 wheels ship.
struct Variant {
    bool linux_x86_64 = false;
};

void check_archs(YamlReader& reader, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) {
        reader.read_word(node, "the archs", {"shipped"});
        return;
    }
    reader.read_list(node, "the archs", false, [&](const YamlNode& item) {
        if (!reader.is_text(item, "an arch")) return;
        const std::string_view text = item.text;
        if (parse_arch(text.substr(0, text.find("+PTX")))) return;
        reader.add("SB0203", "`" + item.text + "` is not an arch", item).hints.emplace_back("write it like `8.9` or `12.0+PTX`");
    });
}

constexpr std::array variant_fields = {
    YamlField<Variant>{"linux_x86_64", Presence::optional,
                       [](YamlReader& reader, const YamlNode& node, Variant& variant) {
                           variant.linux_x86_64 = true;
                           check_archs(reader, node);
                       }},
    YamlField<Variant>{"linux_aarch64", Presence::optional,
                       [](YamlReader& reader, const YamlNode& node, Variant&) { check_archs(reader, node); }},
    YamlField<Variant>{"windows", Presence::optional, check_bool},
};

void read_variants(YamlReader& reader, const YamlNode& node, TorchRelease& release) {
    if (!reader.is_mapping(node, "`variants`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto version = reader.read_version(entry.key, "CUDA minor", 2, 2, "12.9");
        Variant variant;
        reader.read_mapping<Variant>(entry.value, "variant " + entry.key.text, variant_fields, variant);
        if (version && variant.linux_x86_64) release.cudas.push_back(*version);
    }
    std::sort(release.cudas.begin(), release.cudas.end());
}

constexpr std::array release_fields = {
    YamlField<TorchRelease>{"source", Presence::required, check_texts},
    YamlField<TorchRelease>{"released", Presence::optional, check_text},
    YamlField<TorchRelease>{"pythons", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, TorchRelease& release) {
                                release.pythons = read_versions(reader, node, "`pythons`", "3.12");
                            }},
    YamlField<TorchRelease>{"pythons_free_threaded", Presence::optional, check_texts},
    YamlField<TorchRelease>{"pypi_cuda", Presence::optional, check_text},
    YamlField<TorchRelease>{"pypi_cuda_aarch64", Presence::optional, check_text},
    YamlField<TorchRelease>{"cudnn", Presence::optional, check_text},
    YamlField<TorchRelease>{"triton", Presence::optional, check_mapping},
    YamlField<TorchRelease>{"cxx11_abi", Presence::optional, check_mapping},
    YamlField<TorchRelease>{"cxx_std_extension", Presence::optional, check_text},
    YamlField<TorchRelease>{"cxx_std_required", Presence::optional, check_text},
    YamlField<TorchRelease>{"platform", Presence::optional, check_text},
    YamlField<TorchRelease>{"variants", Presence::required, read_variants},
    YamlField<TorchRelease>{"unverified", Presence::optional, check_texts},
    YamlField<TorchRelease>{"notes", Presence::optional, check_texts},
};

void read_torch(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`torch`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto version = reader.read_version(entry.key, "torch minor", 2, 2, "2.8");
        TorchRelease release;
        reader.read_mapping<TorchRelease>(entry.value, "torch " + entry.key.text, release_fields, release);
        if (!version) continue;
        release.version = *version;
        compat.torch[*version] = std::move(release);
    }
}

// gpus.yaml -----------------------------------------------------------------------------------------------------------------------------

constexpr std::array gpu_fields = {
    YamlField<GpuGeneration>{"source", Presence::required, check_texts},
    YamlField<GpuGeneration>{
        "family", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) { gpu.family = reader.read_text(node, "`family`").value_or(""); }},
    YamlField<GpuGeneration>{"gpus", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) {
                                 reader.read_list(node, "`gpus`", false, [&](const YamlNode& item) {
                                     if (const auto name = reader.read_text(item, "a GPU")) gpu.gpus.push_back(*name);
                                 });
                             }},
    YamlField<GpuGeneration>{"integrated", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) {
                                 gpu.integrated = reader.read_bool(node, "`integrated`").value_or(false);
                             }},
    YamlField<GpuGeneration>{"arm_host", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) {
                                 gpu.arm_host = reader.read_bool(node, "`arm_host`").value_or(false);
                             }},
};

void read_gpus(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`gpus`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto arch = reader.read_arch(entry.key, "compute capability");
        GpuGeneration gpu;
        reader.read_mapping<GpuGeneration>(entry.value, "GPU " + entry.key.text, gpu_fields, gpu);
        if (!arch) continue;
        gpu.arch = *arch;
        compat.gpus[*arch] = std::move(gpu);
    }
}

// the files -----------------------------------------------------------------------------------------------------------------------------

/// The keys that every file may have, then its own.
template <std::size_t count>
constexpr auto with_common_fields(std::array<YamlField<Compat>, count> own) {
    std::array<YamlField<Compat>, count + 4> all = {
        YamlField<Compat>{"schema", Presence::required, check_schema},
        YamlField<Compat>{"as_of", Presence::optional, check_text},
        YamlField<Compat>{"sources", Presence::optional, check_mapping},
        YamlField<Compat>{"notes", Presence::optional, check_texts},
    };
    std::copy(own.begin(), own.end(), all.begin() + 4);
    return all;
}

constexpr auto cuda_file = with_common_fields(std::array{YamlField<Compat>{"cuda", Presence::required, read_cuda}});
constexpr auto torch_file = with_common_fields(std::array{
    YamlField<Compat>{"torch", Presence::required, read_torch},
    YamlField<Compat>{"host_compilers", Presence::optional,
                      [](YamlReader& reader, const YamlNode& node, Compat&) { reader.is_list(node, "`host_compilers`", true); }},
    YamlField<Compat>{"extension_archs", Presence::optional,
                      [](YamlReader& reader, const YamlNode& node, Compat&) { reader.is_list(node, "`extension_archs`", true); }},
});
constexpr auto gpus_file = with_common_fields(std::array{YamlField<Compat>{"gpus", Presence::required, read_gpus}});
constexpr auto images_file = with_common_fields(std::array{
    YamlField<Compat>{"repository", Presence::required, check_text},
    YamlField<Compat>{"tag", Presence::required, check_text},
    YamlField<Compat>{"images", Presence::required, check_mapping},
    YamlField<Compat>{"digests_seen", Presence::optional, check_mapping},
    YamlField<Compat>{"systems", Presence::optional, check_mapping},
});
constexpr auto drivers_file = with_common_fields(std::array{
    YamlField<Compat>{"minimum", Presence::required, check_mapping},
    YamlField<Compat>{"shipped", Presence::required, check_mapping},
});
constexpr auto toolchains_file = with_common_fields(std::array{
    YamlField<Compat>{"toolchains", Presence::required, read_cuda_toolchains},
    YamlField<Compat>{"host", Presence::required, read_host_toolchain},
});

struct CompatFile {
    std::string_view name;
    std::span<const YamlField<Compat>> fields;
};

constexpr std::array compat_files = {
    CompatFile{"cuda.yaml", cuda_file},     CompatFile{"drivers.yaml", drivers_file},       CompatFile{"gpus.yaml", gpus_file},
    CompatFile{"images.yaml", images_file}, CompatFile{"toolchains.yaml", toolchains_file}, CompatFile{"torch.yaml", torch_file},
};

/// Every `source:` anywhere in a file names entries of its `sources:`.
void check_sources(YamlReader& reader, const YamlNode& node, const std::vector<std::string>& known) {
    for (const YamlNode& item : node.items) check_sources(reader, item, known);
    for (const YamlEntry& entry : node.entries) {
        check_sources(reader, entry.value, known);
        if (entry.key.text != "source") continue;
        for (const YamlNode& name : entry.value.items) {
            if (name.kind != YamlNode::Kind::scalar || std::find(known.begin(), known.end(), name.text) != known.end()) continue;
            reader.add_unknown(name, "source", known);
        }
    }
}

Diagnostics read_file(const CompatFile& file, const std::string& path, const std::string& bytes, Compat& compat) {
    const auto document = parse_yaml(bytes, path);
    if (!document) return document.errors();
    YamlReader reader(*document);
    reader.read_mapping<Compat>(document->root, "the file", file.fields, compat);
    std::vector<std::string> sources;
    if (const YamlNode* node = YamlReader::find(document->root, "sources")) {
        for (const YamlEntry& entry : node->entries) sources.push_back(entry.key.text);
    }
    check_sources(reader, document->root, sources);
    return reader.finish();
}

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

Result<Compat> parse_compat(const std::map<std::string, std::string>& files) {
    Compat compat;
    Diagnostics problems;
    std::vector<std::string> known;
    known.reserve(compat_files.size());
    for (const CompatFile& file : compat_files) known.emplace_back(file.name);
    std::vector<std::string> seen;
    for (const auto& [path, bytes] : files) {
        const std::string name = file_name(path);
        const auto file =
            std::find_if(compat_files.begin(), compat_files.end(), [&](const CompatFile& entry) { return entry.name == name; });
        if (file == compat_files.end()) {
            Diagnostic problem{"SB0212", "unknown compatibility file `" + name + "`", {path, 0, 0}};
            problem.nearest = find_nearest(name, known);
            problem.hints.push_back("known files: " + all_of(known));
            problems.push_back(std::move(problem));
            continue;
        }
        seen.push_back(name);
        Diagnostics found = read_file(*file, path, bytes, compat);
        problems.insert(problems.end(), found.begin(), found.end());
    }
    for (const std::string& name : known) {
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
        Diagnostic problem{"SB0212", "the compatibility data lacks `" + name + "`"};
        if (!files.empty()) problem.place.file = files.begin()->first.substr(0, files.begin()->first.rfind('/') + 1);
        problem.hints.emplace_back("a matrix directory has all of " + all_of(known) + " in `compat/`, or no `compat/` at all");
        problems.push_back(std::move(problem));
    }
    if (!problems.empty()) return problems;
    return compat;
}

}  // namespace sagebuild
