#include "text/cuda_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

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
    YamlField<CudaToolkit>{"source", Presence::required, check_texts},
    YamlField<CudaToolkit>{"nvcc", Presence::optional, check_text},
    YamlField<CudaToolkit>{"targets", Presence::required, read_targets},
    YamlField<CudaToolkit>{"gcc_max", Presence::optional,
                           [](YamlReader& reader, const YamlNode& node, CudaToolkit& toolkit) {
                               toolkit.gcc_max = read_number(reader, node, "`gcc_max`", "14");
                           }},
    YamlField<CudaToolkit>{"clang_max", Presence::optional,
                           [](YamlReader& reader, const YamlNode& node, CudaToolkit& toolkit) {
                               toolkit.clang_max = read_number(reader, node, "`clang_max`", "19");
                           }},
    YamlField<CudaToolkit>{"msc_ver", Presence::optional, check_texts},
};

}  // namespace

void read_cuda(YamlReader& reader, const YamlNode& node, Compat& compat) {
    read_by_version(reader, node, "`cuda`", "CUDA minor", 2, "12.9", [&](const std::optional<Version>& version, const YamlEntry& entry) {
        CudaToolkit toolkit;
        reader.read_mapping<CudaToolkit>(entry.value, "CUDA " + entry.key.text, toolkit_fields, toolkit);
        if (!version) return;
        toolkit.version = *version;
        compat.cuda[*version] = std::move(toolkit);
    });
}

}  // namespace sagebuild
