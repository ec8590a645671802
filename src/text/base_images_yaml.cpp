#include "text/base_images_yaml.hpp"

#include <algorithm>
#include <array>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

const std::vector<std::string> placeholders = {"{system}", "{python}", "{cuda}", "{torch}", "{torch_cuda}", "{word}"};

using namespace compat_field;

constexpr std::array system_fields = {
    YamlField<BaseSystem>{"source", Presence::required, check_texts},
    YamlField<BaseSystem>{
        "names", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, BaseSystem& system) { system.names = read_texts(reader, node, "`names`"); }},
    YamlField<BaseSystem>{"glibc", Presence::required,
                          [](YamlReader& reader, const YamlNode& node, BaseSystem& system) {
                              system.glibc = reader.read_version(node, "glibc", 2, 2, "2.39");
                          }},
    YamlField<BaseSystem>{"python", Presence::required,
                          [](YamlReader& reader, const YamlNode& node, BaseSystem& system) {
                              system.python = reader.read_version(node, "Python", 2, 2, "3.12");
                          }},
};

/// Each piece between `-` is a literal, a placeholder, or one behind the other.
void check_template(YamlReader& reader, const YamlNode& node) {
    std::string_view rest = node.text;
    while (true) {
        const std::string_view piece = rest.substr(0, rest.find('-'));
        const std::size_t brace = std::min(piece.find('{'), piece.size());
        const std::string placeholder(piece.substr(brace));
        if (!placeholder.empty() && std::find(placeholders.begin(), placeholders.end(), placeholder) == placeholders.end()) {
            reader.add("SB0208", "unknown placeholder `" + placeholder + "`", node)
                .hints.push_back("end a piece between `-` with " + any_of(placeholders));
        }
        if (rest.find('-') == std::string_view::npos) return;
        rest.remove_prefix(piece.size() + 1);
    }
}

constexpr std::array image_fields = {
    YamlField<BaseImage>{"repositories", Presence::required,
                         [](YamlReader& reader, const YamlNode& node, BaseImage& image) {
                             image.repositories = read_texts(reader, node, "`repositories`");
                         }},
    YamlField<BaseImage>{"tags", Presence::required,
                         [](YamlReader& reader, const YamlNode& node, BaseImage& image) {
                             image.tags = read_texts(reader, node, "`tags`");
                             for (const YamlNode& item : node.items) check_template(reader, item);
                         }},
    YamlField<BaseImage>{
        "prefix", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, BaseImage& image) { image.prefix = reader.read_text(node, "`prefix`").value_or(""); }},
    YamlField<BaseImage>{
        "system", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, BaseImage& image) { image.system = reader.read_text(node, "`system`").value_or(""); }},
    YamlField<BaseImage>{"source", Presence::required, check_texts},
};

}  // namespace

void read_base_systems(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`systems`")) return;
    for (const YamlEntry& entry : node.entries) {
        BaseSystem system;
        system.name = entry.key.text;
        reader.read_mapping<BaseSystem>(entry.value, "system " + entry.key.text, system_fields, system);
        compat.base_images.systems.push_back(std::move(system));
    }
}

void read_base_images(YamlReader& reader, const YamlNode& node, Compat& compat) {
    reader.read_list(node, "`base_images`", false, [&](const YamlNode& item) {
        BaseImage image;
        if (!reader.read_mapping<BaseImage>(item, "an image", image_fields, image)) return;
        if (const YamlNode* system = YamlReader::find(item, "system");
            system != nullptr && compat.base_images.find_system(image.system) == nullptr) {
            std::vector<std::string> known;
            for (const BaseSystem& entry : compat.base_images.systems) known.push_back(entry.name);
            reader.add_unknown(*system, "system", known);
        }
        compat.base_images.images.push_back(std::move(image));
    });
}

}  // namespace sagebuild
