#include "text/images_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

// In the order of `ImageStatus`.
const std::vector<std::string> status_words = {"newest", "supported", "superseded", "unseen"};

void read_status(YamlReader& reader, const YamlNode& node, ContainerImage& image) {
    const auto word = reader.read_word(node, "`status`", status_words);
    if (word) image.status = static_cast<ImageStatus>(std::find(status_words.begin(), status_words.end(), *word) - status_words.begin());
}

constexpr std::array image_fields = {
    YamlField<ContainerImage>{"source", Presence::required, check_texts},
    YamlField<ContainerImage>{"status", Presence::required, read_status},
    YamlField<ContainerImage>{
        "systems", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, ContainerImage& image) { image.systems = read_texts(reader, node, "`systems`"); }},
    YamlField<ContainerImage>{"cudnn_systems", Presence::optional,
                              [](YamlReader& reader, const YamlNode& node, ContainerImage& image) {
                                  image.cudnn_systems = read_texts(reader, node, "`cudnn_systems`");
                              }},
};

constexpr std::array system_fields = {
    YamlField<ContainerSystem>{"source", Presence::required, check_texts},
    YamlField<ContainerSystem>{"glibc", Presence::required,
                               [](YamlReader& reader, const YamlNode& node, ContainerSystem& system) {
                                   system.glibc = reader.read_version(node, "`glibc`", 2, 2, "2.39").value_or(Version());
                               }},
    YamlField<ContainerSystem>{"gcc", Presence::required,
                               [](YamlReader& reader, const YamlNode& node, ContainerSystem& system) {
                                   system.gcc = read_number(reader, node, "`gcc`", "13").value_or(0);
                               }},
    YamlField<ContainerSystem>{"python", Presence::required,
                               [](YamlReader& reader, const YamlNode& node, ContainerSystem& system) {
                                   system.python = reader.read_version(node, "`python`", 2, 2, "3.12").value_or(Version());
                               }},
};

}  // namespace

void read_image_repository(YamlReader& reader, const YamlNode& node, Compat& compat) {
    compat.images.repository = reader.read_text(node, "`repository`").value_or("");
}

void read_image_tag(YamlReader& reader, const YamlNode& node, Compat& compat) {
    compat.images.tag = reader.read_text(node, "`tag`").value_or("");
}

void read_images(YamlReader& reader, const YamlNode& node, Compat& compat) {
    read_by_version(reader, node, "`images`", "CUDA release", 3, "12.9.1", [&](const std::optional<Version>& cuda, const YamlEntry& entry) {
        ContainerImage image;
        reader.read_mapping<ContainerImage>(entry.value, "image " + entry.key.text, image_fields, image);
        if (cuda) compat.images.releases[*cuda] = std::move(image);
    });
}

void read_image_systems(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`systems`")) return;
    for (const YamlEntry& entry : node.entries) {
        reader.read_mapping<ContainerSystem>(entry.value, "system " + entry.key.text, system_fields, compat.images.systems[entry.key.text]);
    }
}

}  // namespace sagebuild
