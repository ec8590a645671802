#include "text/naming_yaml.hpp"

#include <array>
#include <utility>

#include "text/compat_fields.hpp"

namespace sagebuild {

namespace {

using namespace compat_field;

constexpr std::array scheme_fields = {
    YamlField<NamingScheme>{"name", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                scheme.name = reader.read_text(node, "`name`").value_or("");
                            }},
    YamlField<NamingScheme>{"where", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                scheme.in_build_tag = reader.read_word(node, "where", {"local", "build"}) == "build";
                            }},
    YamlField<NamingScheme>{"pattern", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                if (!reader.is_text(node, "`pattern`")) return;
                                NamePatternReading reading = NamePatternReading::parse(node.text);
                                if (reading.pattern) {
                                    scheme.pattern = std::move(*reading.pattern);
                                } else {
                                    reader.add("SB0430", "`" + node.text + "` is not a naming pattern: " + reading.problem, node)
                                        .hints.emplace_back("write letters, digits, dots, `{field}` and `[...]` for what may be absent");
                                }
                            }},
    YamlField<NamingScheme>{"projects", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                for (const std::string& project : read_texts(reader, node, "`projects`")) {
                                    scheme.projects.push_back(normalise_project(project));
                                }
                            }},
    YamlField<NamingScheme>{"torch_or_later", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                scheme.torch_or_later = reader.read_bool(node, "`torch_or_later`").value_or(false);
                            }},
    YamlField<NamingScheme>{"backend", Presence::optional,
                            [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) {
                                scheme.backend = reader.read_word(node, "backend", {"cuda", "rocm", "musa", "cpu"}).value_or("cuda");
                            }},
    YamlField<NamingScheme>{"source", Presence::required, check_texts},
    YamlField<NamingScheme>{
        "examples", Presence::required,
        [](YamlReader& reader, const YamlNode& node, NamingScheme& scheme) { scheme.examples = read_texts(reader, node, "`examples`"); }},
};

constexpr std::array module_fields = {
    YamlField<ForeignModule>{"project", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, ForeignModule& entry) {
                                 entry.project = normalise_project(reader.read_text(node, "`project`").value_or(""));
                             }},
    YamlField<ForeignModule>{"from", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, ForeignModule& entry) {
                                 if (const auto version = reader.read_version(node, "version", 1, 4, "3.0.0")) entry.from = *version;
                             }},
    YamlField<ForeignModule>{"module", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, ForeignModule& entry) {
                                 entry.module = reader.read_text(node, "`module`").value_or("");
                             }},
    YamlField<ForeignModule>{"source", Presence::required, check_texts},
};

}  // namespace

void read_naming_schemes(YamlReader& reader, const YamlNode& node, Compat& compat) {
    SeenOnce<std::string> seen;
    reader.read_list(node, "`schemes`", false, [&](const YamlNode& item) {
        NamingScheme scheme;
        if (!reader.read_mapping<NamingScheme>(item, "a naming scheme", scheme_fields, scheme)) return;
        if (!scheme.name.empty() && !seen.insert(reader, item, scheme.name, "naming scheme `" + scheme.name + "` stands twice")) return;
        // a build tag is free text (binary distribution format, PyPA): it means something only where a publisher says so
        if (scheme.in_build_tag && scheme.projects.empty()) {
            reader.add("SB0430", "a naming scheme for build tags names no `projects`", item)
                .hints.emplace_back("build tags are free text: say whose tags these are");
        }
        compat.naming.schemes.push_back(std::move(scheme));
    });
}

void read_foreign_modules(YamlReader& reader, const YamlNode& node, Compat& compat) {
    reader.read_list(node, "`modules`", true, [&](const YamlNode& item) {
        ForeignModule entry;
        if (reader.read_mapping<ForeignModule>(item, "a module", module_fields, entry)) compat.naming.modules.push_back(std::move(entry));
    });
}

}  // namespace sagebuild
