#include "text/toolchains_yaml.hpp"

#include <algorithm>
#include <array>

#include "core/python_version.hpp"
#include "text/matrix_names.hpp"

namespace sagebuild {

namespace {

void add_illegal_pin(YamlReader& reader, const YamlNode& node, std::string what, std::string hint) {
    reader.add("SB0213", std::move(what), node).hints.push_back(std::move(hint));
}

bool is_sha256(std::string_view text) {
    const auto is_digit = [](char letter) { return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'); };
    return text.size() == 64 && std::all_of(text.begin(), text.end(), is_digit);
}

void read_distribution(YamlReader& reader, const YamlNode& node, PinnedWheel& wheel) {
    if (!reader.is_text(node, "`distribution`")) return;
    if (const auto fault = find_name_fault(node.text, NameKind::distribution)) {
        add_illegal_pin(reader, node, "distribution `" + node.text + "` " + *fault, "write the name as the Python package index shows it");
    }
    wheel.distribution = node.text;
}

void read_wheel_version(YamlReader& reader, const YamlNode& node, PinnedWheel& wheel) {
    if (!reader.is_text(node, "`version`")) return;
    if (!is_python_version(node.text))
        add_illegal_pin(reader, node, "`" + node.text + "` is not a version", "write one exact version like `12.9.86`");
    wheel.version = node.text;
}

void read_digests(YamlReader& reader, const YamlNode& node, PinnedWheel& wheel) {
    static const std::vector<std::string> platforms = {"linux-x86_64", "linux-aarch64"};
    if (!reader.is_mapping(node, "`sha256`")) return;
    if (node.entries.empty()) reader.add("SB0109", "`sha256` is empty", node).hints.push_back("add a digest for " + any_of(platforms));
    for (const YamlEntry& entry : node.entries) {
        reader.read_word(entry.key, "host platform", platforms);
        if (!reader.is_text(entry.value, "a digest")) continue;
        if (!is_sha256(entry.value.text)) {
            add_illegal_pin(reader, entry.value, "`" + entry.value.text + "` is not a sha256", "write 64 lower-case hexadecimal digits");
        }
        wheel.sha256[entry.key.text] = entry.value.text;
    }
}

constexpr std::array wheel_fields = {
    YamlField<PinnedWheel>{"distribution", Presence::required, read_distribution},
    YamlField<PinnedWheel>{"version", Presence::required, read_wheel_version},
    YamlField<PinnedWheel>{"sha256", Presence::required, read_digests},
};

void read_wheels(YamlReader& reader, const YamlNode& node, std::string_view subject, Toolchain& toolchain) {
    SeenOnce<std::string> seen;
    reader.read_list(node, subject, false, [&](const YamlNode& item) {
        PinnedWheel wheel;
        if (!reader.read_mapping<PinnedWheel>(item, "a pinned wheel", wheel_fields, wheel)) return;
        const YamlNode* name = YamlReader::find(item, "distribution");
        if (name != nullptr) seen.insert(reader, *name, wheel.distribution, "distribution `" + wheel.distribution + "` stands twice");
        toolchain.wheels.push_back(std::move(wheel));
    });
}

constexpr std::array host_fields = {
    YamlField<Toolchain>{"name", Presence::required,
                         [](YamlReader& reader, const YamlNode& node, Toolchain& toolchain) {
                             if (!reader.is_text(node, "`name`")) return;
                             const auto fault = find_name_fault(node.text, NameKind::distribution);
                             if (fault)
                                 add_illegal_pin(reader, node, "toolchain name `" + node.text + "` " + *fault,
                                                 "write it like `zig-0.15.2`");
                             toolchain.name = node.text;
                         }},
    YamlField<Toolchain>{
        "wheels", Presence::required,
        [](YamlReader& reader, const YamlNode& node, Toolchain& toolchain) { read_wheels(reader, node, "`wheels`", toolchain); }},
};

}  // namespace

void read_cuda_toolchains(YamlReader& reader, const YamlNode& node, Compat& compat) {
    if (!reader.is_mapping(node, "`toolchains`")) return;
    for (const YamlEntry& entry : node.entries) {
        const auto version = reader.read_version(entry.key, "CUDA release", 3, 3, "12.9.1");
        Toolchain toolchain{"cuda-" + entry.key.text, {}};
        read_wheels(reader, entry.value, "toolchain " + entry.key.text, toolchain);
        if (version) compat.cuda_toolchains[*version] = std::move(toolchain);
    }
}

void read_host_toolchain(YamlReader& reader, const YamlNode& node, Compat& compat) {
    reader.read_mapping<Toolchain>(node, "`host`", host_fields, compat.host_toolchain);
}

}  // namespace sagebuild
