#include "text/wheel_manifest.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr int schema = 1;

Json arch_list(const std::vector<Arch>& archs) {
    Json list = Json::array();
    for (const Arch& arch : archs) list.push_back(arch.to_string());
    return list;
}

Json left_list(const std::vector<WheelManifest::Left>& left) {
    Json list = Json::array();
    for (const auto& item : left) {
        Json entry = {{"arch", item.arch.to_string()}};
        if (item.by) entry["by"] = item.by->to_string();
        entry["reason"] = item.reason;
        list.push_back(std::move(entry));
    }
    return list;
}

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

/// Reads members of the document and notes everything that is not as the schema says.
class ManifestReader {
  public:
    WheelManifest read(const Json& root) {
        WheelManifest manifest;
        if (const Json* stated = member(root, "schema", "the manifest"); stated != nullptr && *stated != schema) {
            note("schema " + stated->dump(-1, ' ', false, Json::error_handler_t::replace) + " is unknown; this program knows 1");
            return manifest;
        }
        manifest.package = text(root, "package");
        manifest.version = text(root, "version");
        manifest.module = text(root, "module");
        manifest.target = text(root, "target");
        const std::string kind = text(root, "kind");
        if (kind != "row" && kind != "universal") note("`kind` is neither `row` nor `universal`");
        manifest.kind = kind == "universal" ? TargetKind::universal : TargetKind::row;
        if (const Json* row = object(root, "row")) {
            manifest.torch = optional_text(*row, "torch");
            manifest.cuda = text(*row, "cuda");
            manifest.python = optional_text(*row, "python");
        }
        if (const Json* toolkit = object(root, "toolkit")) {
            manifest.toolkit = text(*toolkit, "release");
            if (const Json* components = object(*toolkit, "components")) {
                for (const auto& [name, version] : components->items()) {
                    if (!version.is_string()) note("`components` holds something other than texts");
                    manifest.components.push_back({name, version.is_string() ? version.get<std::string>() : ""});
                }
            }
        }
        if (const Json* compiler = object(root, "compiler")) {
            manifest.compiler = text(*compiler, "name");
            manifest.compiler_version = text(*compiler, "version");
            for (const Json& flag : array(*compiler, "flags")) {
                if (!flag.is_string()) note("`flags` holds something other than texts");
                manifest.compiler_flags.push_back(flag.is_string() ? flag.get<std::string>() : "");
            }
        }
        manifest.host_compiler = text(root, "host_compiler");
        manifest.library = text(root, "library");
        for (const Json& unit : array(root, "units")) {
            if (!unit.is_object()) {
                note("`units` holds something other than objects");
                break;
            }
            manifest.units.push_back({text(unit, "name"), archs(unit, "archs"), archs(unit, "ptx")});
        }
        manifest.covered = left(root, "covered", true);
        manifest.dropped = left(root, "dropped", false);
        manifest.source_digest = text(root, "source_digest");
        manifest.generator = text(root, "generator");
        return manifest;
    }

    Diagnostics take_problems() { return std::move(m_problems); }

  private:
    void note(const std::string& what) {
        constexpr std::size_t most_problems = 20;
        if (m_problems.size() < most_problems) m_problems.push_back({.code = "SB0407", .what = "sagebuild.json: " + what});
    }

    const Json* member(const Json& parent, const char* name, const char* where) {
        const auto found = parent.find(name);
        if (found != parent.end()) return &*found;
        note(std::string("`") + name + "` is missing in " + where);
        return nullptr;
    }

    std::string text(const Json& parent, const char* name) {
        const Json* value = member(parent, name, "the manifest");
        if (value == nullptr) return "";
        if (value->is_string()) return value->get<std::string>();
        note(std::string("`") + name + "` is not a text");
        return "";
    }

    std::optional<std::string> optional_text(const Json& parent, const char* name) {
        const auto found = parent.find(name);
        if (found == parent.end() || found->is_null()) return std::nullopt;
        return text(parent, name);
    }

    const Json* object(const Json& parent, const char* name) {
        const Json* value = member(parent, name, "the manifest");
        if (value == nullptr || value->is_object()) return value;
        note(std::string("`") + name + "` is not an object");
        return nullptr;
    }

    const Json& array(const Json& parent, const char* name) {
        static const Json empty = Json::array();
        const Json* value = member(parent, name, "the manifest");
        if (value == nullptr) return empty;
        if (value->is_array()) return *value;
        note(std::string("`") + name + "` is not a list");
        return empty;
    }

    std::optional<Arch> arch(const Json& value) {
        const auto parsed = value.is_string() ? parse_arch(value.get<std::string>()) : std::nullopt;
        if (!parsed) note("`" + printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 40) + "` is not an arch");
        return parsed;
    }

    std::vector<Arch> archs(const Json& parent, const char* name) {
        std::vector<Arch> list;
        for (const Json& value : array(parent, name)) {
            if (const auto parsed = arch(value)) list.push_back(*parsed);
        }
        return list;
    }

    std::vector<WheelManifest::Left> left(const Json& root, const char* name, bool covered) {
        std::vector<WheelManifest::Left> list;
        for (const Json& value : array(root, name)) {
            const auto at = value.is_object() ? value.find("arch") : value.end();
            const auto of = at != value.end() ? arch(*at) : std::nullopt;
            if (!of) {
                note(std::string("`") + name + "` holds an entry without an arch");
                continue;
            }
            const auto by = covered ? value.find("by") : value.end();
            list.push_back({*of, by != value.end() ? arch(*by) : std::nullopt, text(value, "reason")});
        }
        return list;
    }

    Diagnostics m_problems;
};

}  // namespace

std::string render_wheel_manifest(const WheelManifest& manifest) {
    Json components = Json::object();
    for (const auto& component : manifest.components) components[component.distribution] = component.version;
    Json units = Json::array();
    for (const auto& unit : manifest.units)
        units.push_back({{"name", unit.name}, {"archs", arch_list(unit.archs)}, {"ptx", arch_list(unit.ptx)}});
    const Json root = {
        {"schema", schema},
        {"package", manifest.package},
        {"version", manifest.version},
        {"module", manifest.module},
        {"target", manifest.target},
        {"kind", manifest.kind == TargetKind::row ? "row" : "universal"},
        {"row", {{"torch", text_or_null(manifest.torch)}, {"cuda", manifest.cuda}, {"python", text_or_null(manifest.python)}}},
        {"toolkit", {{"release", manifest.toolkit}, {"components", std::move(components)}}},
        {"compiler", {{"name", manifest.compiler}, {"version", manifest.compiler_version}, {"flags", manifest.compiler_flags}}},
        {"host_compiler", manifest.host_compiler},
        {"library", manifest.library},
        {"units", std::move(units)},
        {"covered", left_list(manifest.covered)},
        {"dropped", left_list(manifest.dropped)},
        {"source_digest", manifest.source_digest},
        {"generator", manifest.generator},
    };
    return root.dump(2) + "\n";
}

Result<WheelManifest> parse_wheel_manifest(std::string_view text) {
    constexpr std::size_t deepest =
        8;  // a document of the schema is four deep; the parser itself recurses without a limit when it destroys
    const auto limit_depth = [](int depth, Json::parse_event_t event, Json&) {
        return event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start ? depth <= static_cast<int>(deepest)
                                                                                                       : true;
    };
    const Json root = Json::parse(text, limit_depth, false);
    if (root.is_discarded() || !root.is_object()) return Diagnostic{.code = "SB0407", .what = "sagebuild.json is not a JSON object"};
    ManifestReader reader;
    WheelManifest manifest = reader.read(root);
    if (Diagnostics problems = reader.take_problems(); !problems.empty()) return problems;
    return manifest;
}

}  // namespace sagebuild
