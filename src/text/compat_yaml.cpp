#include "text/compat_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/nearest.hpp"
#include "text/base_images_yaml.hpp"
#include "text/compat_fields.hpp"
#include "text/cuda_yaml.hpp"
#include "text/drivers_yaml.hpp"
#include "text/gpus_yaml.hpp"
#include "text/images_yaml.hpp"
#include "text/naming_yaml.hpp"
#include "text/toolchains_yaml.hpp"
#include "text/torch_yaml.hpp"
#include "text/yaml_reader.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

void check_schema(YamlReader& reader, const YamlNode& node, Compat&) {
    reader.check_schema(node);
}

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
    YamlField<Compat>{"index", Presence::optional, read_torch_index},
    YamlField<Compat>{"host_compilers", Presence::optional,
                      [](YamlReader& reader, const YamlNode& node, Compat&) { reader.is_list(node, "`host_compilers`", true); }},
    YamlField<Compat>{"extension_archs", Presence::optional,
                      [](YamlReader& reader, const YamlNode& node, Compat&) { reader.is_list(node, "`extension_archs`", true); }},
});
constexpr auto gpus_file = with_common_fields(std::array{YamlField<Compat>{"gpus", Presence::required, read_gpus}});
constexpr auto images_file = with_common_fields(std::array{
    YamlField<Compat>{"repository", Presence::required, read_image_repository},
    YamlField<Compat>{"tag", Presence::required, read_image_tag},
    YamlField<Compat>{"images", Presence::required, read_images},
    YamlField<Compat>{"digests_seen", Presence::optional, check_mapping},
    YamlField<Compat>{"systems", Presence::required, read_image_systems},
});
constexpr auto drivers_file = with_common_fields(std::array{
    YamlField<Compat>{"minimum", Presence::required, read_minimum_drivers},
    YamlField<Compat>{"shipped", Presence::required, read_shipped_drivers},
});
constexpr auto base_images_file = with_common_fields(std::array{
    YamlField<Compat>{"systems", Presence::required, read_base_systems},
    YamlField<Compat>{"base_images", Presence::required, read_base_images},
});
constexpr auto naming_file = with_common_fields(std::array{
    YamlField<Compat>{"schemes", Presence::required, read_naming_schemes},
    YamlField<Compat>{"modules", Presence::optional, read_foreign_modules},
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
    CompatFile{"base-images.yaml", base_images_file}, CompatFile{"cuda.yaml", cuda_file},
    CompatFile{"drivers.yaml", drivers_file},         CompatFile{"gpus.yaml", gpus_file},
    CompatFile{"images.yaml", images_file},           CompatFile{"naming.yaml", naming_file},
    CompatFile{"toolchains.yaml", toolchains_file},   CompatFile{"torch.yaml", torch_file},
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
