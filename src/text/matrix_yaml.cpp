#include "text/matrix_yaml.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "core/nearest.hpp"
#include "text/matrix_values.hpp"

namespace sagebuild {

namespace {

// package: ------------------------------------------------------------------------------------------------------------------------------

constexpr std::array package_fields = {
    YamlField<PackageMatrix>{"name", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_name(reader, node, "distribution name", NameKind::distribution), package.name);
                             }},
    YamlField<PackageMatrix>{"version", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 const auto version = reader.read_version(node, "package version", 1, 4, "2.2.0");
                                 if (version) package.version = reader.locate(node, *version);
                             }},
    YamlField<PackageMatrix>{"module", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_name(reader, node, "module name", NameKind::module), package.module);
                             }},
    YamlField<PackageMatrix>{"short", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_name(reader, node, "short name", NameKind::bake), package.short_name);
                             }},
    YamlField<PackageMatrix>{"summary", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(reader.read_text(node, "`summary`"), package.summary);
                             }},
    YamlField<PackageMatrix>{"license", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(reader.read_text(node, "`license`"), package.license);
                             }},
    YamlField<PackageMatrix>{"dockerfile", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 if (const auto path = read_path(reader, node, "Dockerfile")) package.dockerfile = path->value;
                             }},
};

constexpr std::array requires_fields = {
    YamlField<PackageMatrix>{"python", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_requirement(reader, node, "required Python"), package.requires_python);
                             }},
    YamlField<PackageMatrix>{"torch", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_requirement(reader, node, "required torch"), package.requires_torch);
                             }},
    YamlField<PackageMatrix>{"cuda", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_requirement(reader, node, "required CUDA"), package.requires_cuda);
                             }},
};

constexpr std::array sources_fields = {
    YamlField<PackageMatrix>{"root", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 store(read_path(reader, node, "source directory"), package.root);
                             }},
    YamlField<PackageMatrix>{"include", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 package.include = read_paths(reader, node, "`include`", "include directory");
                             }},
    YamlField<PackageMatrix>{"host", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 package.host_sources = read_paths(reader, node, "`host`", "host source directory");
                             }},
    YamlField<PackageMatrix>{"python", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 if (const auto path = read_path(reader, node, "Python package directory"))
                                     package.python_dir = path->value;
                             }},
    YamlField<PackageMatrix>{"library", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 if (const auto name = read_name(reader, node, "library name", NameKind::library))
                                     package.library = name->value;
                             }},
};

constexpr std::array policies_fields = {
    YamlField<PackageMatrix>{"images", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 if (const auto word = reader.read_word(node, "`images`", {"row", "newest"})) {
                                     package.images = *word == "row" ? ImagesPolicy::row : ImagesPolicy::newest;
                                 }
                             }},
    YamlField<PackageMatrix>{"uncompilable", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 if (const auto word = reader.read_word(node, "`uncompilable`", {"drop", "error", "ptx"})) {
                                     package.uncompilable = *word == "drop"    ? UncompilablePolicy::drop
                                                            : *word == "error" ? UncompilablePolicy::error
                                                                               : UncompilablePolicy::ptx;
                                 }
                             }},
};

// units: --------------------------------------------------------------------------------------------------------------------------------

constexpr std::array unit_fields = {
    YamlField<KernelUnit>{"name", Presence::required,
                          [](YamlReader& reader, const YamlNode& node, KernelUnit& unit) {
                              store(read_name(reader, node, "unit name", NameKind::unit), unit.name);
                          }},
    YamlField<KernelUnit>{
        "source", Presence::required,
        [](YamlReader& reader, const YamlNode& node, KernelUnit& unit) { store(read_path(reader, node, "unit source"), unit.source); }},
    YamlField<KernelUnit>{
        "archs", Presence::required,
        [](YamlReader& reader, const YamlNode& node, KernelUnit& unit) { unit.archs = read_archs(reader, node, "`archs`"); }},
};

void read_units(YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
    SeenOnce<std::string> names;
    reader.read_list(node, "`units`", true, [&](const YamlNode& item) {
        KernelUnit unit;
        if (!reader.read_mapping<KernelUnit>(item, "a unit", unit_fields, unit)) return;
        const YamlNode* name = YamlReader::find(item, "name");
        if (unit.name.value.empty() || names.insert(reader, *name, unit.name.value, "unit `" + unit.name.value + "` stands twice")) {
            package.units.push_back(std::move(unit));
        }
    });
}

// rows: and universal: ------------------------------------------------------------------------------------------------------------------

void read_pythons(YamlReader& reader, const YamlNode& node, Row& row) {
    SeenOnce<Version> seen;
    reader.read_list(node, "`python`", false, [&](const YamlNode& item) {
        // `310` is how wheel tags and target names write 3.10
        const bool is_joined = item.text.size() >= 2 && item.text.size() <= 3 && item.text.starts_with('3') && parse_version(item.text);
        const auto python = reader.read_version(item, "Python version", 2, 2, is_joined ? "3." + item.text.substr(1) : "3.12");
        if (python && seen.insert(reader, item, *python, "Python `" + item.text + "` stands twice in this row"))
            row.python.push_back(reader.locate(item, *python));
    });
}

constexpr std::array row_fields = {
    YamlField<Row>{
        "torch", Presence::required,
        [](YamlReader& reader, const YamlNode& node, Row& row) { store(read_release(reader, node, "torch version", "2.8.0"), row.torch); }},
    YamlField<Row>{
        "cuda", Presence::required,
        [](YamlReader& reader, const YamlNode& node, Row& row) { store(read_release(reader, node, "CUDA version", "12.9.1"), row.cuda); }},
    YamlField<Row>{"python", Presence::required, read_pythons},
    YamlField<Row>{"archs", Presence::required,
                   [](YamlReader& reader, const YamlNode& node, Row& row) {
                       store(read_name(reader, node, "arch list name", NameKind::bake), row.archs);
                   }},
};

/// Two rows of one (torch, CUDA) pair are fine as long as no Python stands in both.
void read_rows(YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
    SeenOnce<std::tuple<Version, Version, Version>> seen;
    reader.read_list(node, "`rows`", false, [&](const YamlNode& item) {
        Row row;
        row.place = reader.place_of(item);
        if (!reader.read_mapping<Row>(item, "a row", row_fields, row)) return;
        const YamlNode* pythons = YamlReader::find(item, "python");
        if (row.torch.value.size() > 0 && row.cuda.value.size() > 0 && pythons != nullptr) {
            for (const YamlNode& python : pythons->items) {
                const auto version = parse_version(python.text);
                const bool is_read = version && std::any_of(row.python.begin(), row.python.end(),
                                                            [&](const auto& known) { return known.place == reader.place_of(python); });
                if (!is_read) continue;
                seen.insert(reader, python, {row.torch.value, row.cuda.value, *version},
                            "torch " + row.torch.value.to_string() + ", CUDA " + row.cuda.value.to_string() + " and Python " + python.text +
                                " stand in two rows");
            }
        }
        package.rows.push_back(std::move(row));
    });
}

constexpr std::array universal_fields = {
    YamlField<UniversalRow>{"cuda", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, UniversalRow& row) {
                                store(read_release(reader, node, "CUDA version", "12.9.1"), row.cuda);
                            }},
    YamlField<UniversalRow>{"cpu", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, UniversalRow& row) {
                                if (const auto cpu = reader.read_word(node, "`cpu`", {"x86_64", "aarch64"}))
                                    row.cpu = reader.locate(node, *cpu);
                            }},
    YamlField<UniversalRow>{"platforms", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, UniversalRow& row) {
                                SeenOnce<std::string> seen;
                                reader.read_list(node, "`platforms`", false, [&](const YamlNode& item) {
                                    const auto name = read_name(reader, item, "platform", NameKind::platform);
                                    if (name && seen.insert(reader, item, name->value, "platform `" + name->value + "` stands twice"))
                                        row.platforms.push_back(*name);
                                });
                            }},
    YamlField<UniversalRow>{"archs", Presence::required,
                            [](YamlReader& reader, const YamlNode& node, UniversalRow& row) {
                                store(read_name(reader, node, "arch list name", NameKind::bake), row.archs);
                            }},
};

void read_universal(YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
    SeenOnce<std::string> seen;
    reader.read_list(node, "`universal`", false, [&](const YamlNode& item) {
        UniversalRow row;
        row.place = reader.place_of(item);
        if (!reader.read_mapping<UniversalRow>(item, "a universal row", universal_fields, row)) return;
        const YamlNode* cpu = YamlReader::find(item, "cpu");
        if (!row.cpu.value.empty()) seen.insert(reader, *cpu, row.cpu.value, "cpu `" + row.cpu.value + "` stands in two universal rows");
        package.universal.push_back(std::move(row));
    });
}

// arch_lists: and groups: ---------------------------------------------------------------------------------------------------------------

void read_arch_lists(YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
    if (!reader.is_mapping(node, "`arch_lists`")) return;
    if (node.entries.empty())
        reader.add("SB0109", "`arch_lists` is empty", node).hints.emplace_back("rows name their archs by one of these lists");
    for (const YamlEntry& entry : node.entries) {
        if (!read_name(reader, entry.key, "arch list name", NameKind::bake)) continue;
        package.arch_lists[entry.key.text] = read_archs(reader, entry.value, "arch list `" + entry.key.text + "`");
    }
}

constexpr std::array group_fields = {
    YamlField<GroupRule>{"select", Presence::optional,
                         [](YamlReader& reader, const YamlNode& node, GroupRule& group) {
                             group.select = read_texts(reader, node, "`select`", "selector");
                         }},
    YamlField<GroupRule>{
        "include", Presence::optional,
        [](YamlReader& reader, const YamlNode& node, GroupRule& group) { group.include = read_texts(reader, node, "`include`", "group"); }},
    YamlField<GroupRule>{"newest", Presence::optional,
                         [](YamlReader& reader, const YamlNode& node, GroupRule& group) {
                             if (const auto word = reader.read_word(node, "`newest`", {"python"}))
                                 group.newest = reader.locate(node, *word);
                         }},
    YamlField<GroupRule>{"per", Presence::optional,
                         [](YamlReader& reader, const YamlNode& node, GroupRule& group) {
                             if (const auto word = reader.read_word(node, "`per`", {"torch", "cuda"}))
                                 group.per = reader.locate(node, *word);
                         }},
};

/// `pytorch{torch}` stands for one group per torch; what is left without the placeholder must be a legal name.
bool check_group_name(YamlReader& reader, const YamlNode& key) {
    static const std::vector<std::string> placeholders = {"{torch}", "{python}"};
    std::string rest = key.text;
    int count = 0;
    for (const std::string& placeholder : placeholders) {
        for (std::size_t at = rest.find(placeholder); at != std::string::npos; at = rest.find(placeholder)) {
            rest.erase(at, placeholder.size());
            ++count;
        }
    }
    if (count > 1) {
        reader.add("SB0211", "group name `" + key.text + "` holds more than one placeholder", key)
            .hints.emplace_back("keep one: " + any_of(placeholders));
        return false;
    }
    if (rest.find_first_of("{}") != std::string::npos) {
        reader.add("SB0211", "group name `" + key.text + "` holds an unknown placeholder", key)
            .hints.emplace_back("placeholders are " + all_of(placeholders));
        return false;
    }
    if (key.text.starts_with("test-")) {
        reader.add("SB0211", "group name `" + key.text + "` is taken: `test-` names the test of a target", key)
            .hints.emplace_back("choose another beginning");
        return false;
    }
    if (rest.empty() && count == 0) {
        add_illegal_name(reader, key, "group name", NameKind::bake, "is empty");
        return false;
    }
    if (const auto fault = find_name_fault(rest, NameKind::bake)) {
        add_illegal_name(reader, key, "group name", NameKind::bake, *fault);
        return false;
    }
    return true;
}

void read_groups(YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
    if (!reader.is_mapping(node, "`groups`")) return;
    for (const YamlEntry& entry : node.entries) {
        GroupRule group;
        const bool has_name = check_group_name(reader, entry.key);
        group.name = reader.locate(entry.key, entry.key.text);
        if (!reader.read_mapping<GroupRule>(entry.value, "group `" + entry.key.text + "`", group_fields, group)) continue;
        const YamlNode* per = YamlReader::find(entry.value, "per");
        if (per != nullptr && YamlReader::find(entry.value, "newest") == nullptr) {
            reader.add("SB0107", "group `" + entry.key.text + "` has `per` but no key `newest`", *per)
                .hints.emplace_back("add `newest: python`");
        }
        if (has_name) package.groups.push_back(std::move(group));
    }
}

// the file ------------------------------------------------------------------------------------------------------------------------------

template <const auto& fields>
void read_section(YamlReader& reader, const YamlNode& node, std::string_view subject, PackageMatrix& package) {
    reader.read_mapping<PackageMatrix>(node, subject, fields, package);
}

constexpr std::array file_fields = {
    YamlField<PackageMatrix>{"schema", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix&) { reader.check_schema(node); }},
    YamlField<PackageMatrix>{"package", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 read_section<package_fields>(reader, node, "`package`", package);
                             }},
    YamlField<PackageMatrix>{"requires", Presence::required,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 read_section<requires_fields>(reader, node, "`requires`", package);
                             }},
    YamlField<PackageMatrix>{"sources", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 read_section<sources_fields>(reader, node, "`sources`", package);
                             }},
    YamlField<PackageMatrix>{"units", Presence::required, read_units},
    YamlField<PackageMatrix>{"arch_lists", Presence::required, read_arch_lists},
    YamlField<PackageMatrix>{"policies", Presence::optional,
                             [](YamlReader& reader, const YamlNode& node, PackageMatrix& package) {
                                 read_section<policies_fields>(reader, node, "`policies`", package);
                             }},
    YamlField<PackageMatrix>{"rows", Presence::optional, read_rows},
    YamlField<PackageMatrix>{"universal", Presence::optional, read_universal},
    YamlField<PackageMatrix>{"groups", Presence::optional, read_groups},
};

void add_unknown_arch_list(YamlReader& reader, const YamlNode& node, const std::vector<std::string>& names) {
    Diagnostic& problem = reader.add("SB0205", "arch list `" + node.text + "` does not exist", node);
    problem.nearest = find_nearest(node.text, names);
    problem.hints.push_back(names.empty() ? "add it to `arch_lists`" : "write " + any_of(names) + ", or add it to `arch_lists`");
}

/// What no single key shows: sources without which units are useless, rows that something must have, names of arch lists.
void check_file(YamlReader& reader, const YamlNode& root, const PackageMatrix& package) {
    if (root.kind != YamlNode::Kind::mapping) return;
    if (!package.units.empty() && YamlReader::find(root, "sources") == nullptr) reader.add_missing(root, "the file", "sources");
    if (YamlReader::find(root, "rows") == nullptr && YamlReader::find(root, "universal") == nullptr)
        reader.add_missing(root, "the file", "rows");
    const YamlNode* lists = YamlReader::find(root, "arch_lists");
    if (lists == nullptr || lists->kind != YamlNode::Kind::mapping) return;
    std::vector<std::string> names;
    names.reserve(lists->entries.size());
    for (const YamlEntry& entry : lists->entries) names.push_back(entry.key.text);
    for (const std::string_view section : {"rows", "universal"}) {
        const YamlNode* rows = YamlReader::find(root, section);
        if (rows == nullptr) continue;
        for (const YamlNode& row : rows->items) {
            const YamlNode* archs = YamlReader::find(row, "archs");
            if (archs == nullptr || archs->kind != YamlNode::Kind::scalar || find_name_fault(archs->text, NameKind::bake)) continue;
            if (std::find(names.begin(), names.end(), archs->text) == names.end()) add_unknown_arch_list(reader, *archs, names);
        }
    }
}

}  // namespace

PackageReading read_package_matrix(std::string_view bytes, const std::string& file) {
    PackageReading reading;
    reading.package.file = file;
    auto document = parse_yaml(bytes, file);
    if (!document) {
        reading.problems = std::move(document).errors();
        return reading;
    }
    YamlReader reader(*document);
    reader.read_mapping<PackageMatrix>(document->root, "the file", file_fields, reading.package);
    check_file(reader, document->root, reading.package);
    reading.problems = reader.finish();
    return reading;
}

Result<PackageMatrix> parse_package_matrix(std::string_view bytes, const std::string& file) {
    PackageReading reading = read_package_matrix(bytes, file);
    if (!reading.problems.empty()) return std::move(reading.problems);
    return std::move(reading.package);
}

}  // namespace sagebuild
