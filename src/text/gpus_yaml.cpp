#include "text/gpus_yaml.hpp"

#include <array>
#include <utility>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

constexpr std::array gpu_fields = {
    YamlField<GpuGeneration>{"source", Presence::required, check_texts},
    YamlField<GpuGeneration>{
        "family", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) { gpu.family = reader.read_text(node, "`family`").value_or(""); }},
    YamlField<GpuGeneration>{
        "gpus", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) { gpu.gpus = read_texts(reader, node, "`gpus`"); }},
    YamlField<GpuGeneration>{
        "names", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) { gpu.names = read_texts(reader, node, "`names`"); }},
    YamlField<GpuGeneration>{
        "same_as", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) { gpu.same_as = reader.read_arch(node, "compute capability"); }},
    YamlField<GpuGeneration>{"integrated", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) {
                                 gpu.integrated = reader.read_bool(node, "`integrated`").value_or(false);
                             }},
    YamlField<GpuGeneration>{"arm_host", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, GpuGeneration& gpu) {
                                 gpu.arm_host = reader.read_bool(node, "`arm_host`").value_or(false);
                             }},
};

}  // namespace

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

}  // namespace sagebuild
