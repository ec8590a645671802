#include "text/provenance.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text_list.hpp"
#include "text/json_document.hpp"
#include "text/package_url.hpp"
#include "text/wheel_manifest.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
constexpr std::string_view predicate_type = "https://slsa.dev/provenance/v1";

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

Json arch_texts(const std::vector<Arch>& archs) {
    return map_items(archs, [](const Arch& arch) { return arch.to_string(); });
}

/// What was asked for: the row of the matrix.
Json external_parameters(const WheelManifest& manifest) {
    return {{"package", manifest.package},
            {"version", manifest.version},
            {"target", manifest.target},
            {"kind", manifest.kind == TargetKind::row ? "row" : "universal"},
            {"torch", text_or_null(manifest.torch)},
            {"cuda", manifest.cuda},
            {"python", text_or_null(manifest.python)}};
}

/// What the build made of it.
Json internal_parameters(const WheelManifest& manifest) {
    Json units = Json::array();
    for (const auto& unit : manifest.units)
        units.push_back({{"name", unit.name}, {"archs", arch_texts(unit.archs)}, {"ptx", arch_texts(unit.ptx)}});
    return {{"generator", manifest.generator},
            {"toolkit", manifest.toolkit},
            {"compiler", {{"name", manifest.compiler}, {"version", manifest.compiler_version}, {"flags", manifest.compiler_flags}}},
            {"hostCompiler", manifest.host_compiler},
            {"sourceDigest", manifest.source_digest},
            {"units", std::move(units)}};
}

/// Sources by their digests, then tools by their package URLs, each once.
Json resolved_dependencies(const std::vector<WheelManifest>& manifests) {
    constexpr std::string_view sha256 = "sha256:";
    std::map<std::string, std::string> sources;
    std::map<std::string, std::string> tools;
    for (const WheelManifest& manifest : manifests) {
        const std::string& digest = manifest.source_digest;
        if (digest.starts_with(sha256) && is_sha256(std::string_view(digest).substr(sha256.size()))) {
            sources.emplace(digest.substr(sha256.size()), "sources of " + manifest.package + " " + manifest.version);
        }
        for (const auto& component : manifest.components)
            tools.emplace(pypi_purl(component.distribution, component.version), component.distribution);
        if (manifest.components.empty()) tools.emplace(generic_purl(manifest.compiler, manifest.compiler_version), manifest.compiler);
        const auto [name, version] = split_tool(manifest.host_compiler, '-');
        tools.emplace(generic_purl(name, version), name);
    }
    Json list = Json::array();
    for (const auto& [digest, name] : sources) list.push_back({{"name", name}, {"digest", {{"sha256", digest}}}});
    for (const auto& [uri, name] : tools) list.push_back({{"name", name}, {"uri", uri}});
    return list;
}

class StatementReader {
  public:
    StatementReader(const JsonNode& root, const std::string& file) : m_root(root), m_file(file) {}

    Result<std::vector<StatedDigest>> read() {
        expect_text("_type", statement_type);
        expect_text("predicateType", predicate_type);
        const JsonNode* subjects = m_root.find("subject");
        if (subjects == nullptr || subjects->kind != JsonNode::Kind::array || subjects->items.empty()) {
            add(subjects == nullptr ? m_root : *subjects, "`subject` is not a list of files");
        } else {
            for (const JsonNode& subject : subjects->items) read_subject(subject);
        }
        if (!m_problems.empty()) return m_problems;
        return std::move(m_subjects);
    }

  private:
    void add(const JsonNode& at, std::string what) {
        constexpr std::size_t most_problems = 20;
        if (m_problems.size() < most_problems)
            m_problems.push_back({.code = "SB0642", .what = std::move(what), .place = {m_file, at.line, at.column}});
    }

    void expect_text(std::string_view key, std::string_view wanted) {
        const JsonNode* value = m_root.find(key);
        const bool is_text = value != nullptr && value->kind == JsonNode::Kind::text;
        if (is_text && value->text == wanted) return;
        add(value == nullptr ? m_root : *value, "`" + std::string(key) + "` is " +
                                                    (is_text ? "`" + printable(value->text, 120) + "`" : "missing") + ", not `" +
                                                    std::string(wanted) + "`");
    }

    void read_subject(const JsonNode& subject) {
        const JsonNode* name = subject.find("name");
        const JsonNode* digest = subject.find("digest");
        const JsonNode* sha256 = digest == nullptr ? nullptr : digest->find("sha256");
        if (name == nullptr || name->kind != JsonNode::Kind::text || !is_asset_name(name->text)) {
            add(subject, "subject has no name of a file of a release");
        } else if (sha256 == nullptr || sha256->kind != JsonNode::Kind::text || !is_sha256(sha256->text)) {
            add(subject, "subject `" + printable(name->text, 120) + "` has no SHA-256 of 64 hex digits");
        } else if (!m_names.insert(name->text).second) {
            add(*name, "subject `" + printable(name->text, 120) + "` stands there a second time");
        } else {
            m_subjects.push_back({name->text, sha256->text});
        }
    }

    const JsonNode& m_root;
    const std::string& m_file;
    std::vector<StatedDigest> m_subjects;
    std::set<std::string> m_names;
    Diagnostics m_problems;
};

}  // namespace

std::string render_provenance(const std::vector<PublishedWheel>& wheels) {
    Json subjects = Json::array();
    Json external = Json::object(), internal = Json::object();
    std::vector<WheelManifest> manifests;
    for (const PublishedWheel& wheel : wheels) {
        subjects.push_back({{"name", wheel.wheel.name}, {"digest", {{"sha256", wheel.wheel.sha256}}}});
        auto manifest = parse_wheel_manifest(wheel.manifest);
        if (!manifest) continue;
        external[wheel.wheel.name] = external_parameters(*manifest);
        internal[wheel.wheel.name] = internal_parameters(*manifest);
        manifests.push_back(std::move(manifest).value());
    }
    const Json definition = {
        {"buildType", "urn:sagebuild:wheels:1"},
        {"externalParameters", {{"wheels", std::move(external)}}},
        {"internalParameters", {{"wheels", std::move(internal)}}},
        {"resolvedDependencies", resolved_dependencies(manifests)},
    };
    const Json root = {
        {"_type", statement_type},
        {"subject", std::move(subjects)},
        {"predicateType", predicate_type},
        {"predicate", {{"buildDefinition", definition}, {"runDetails", {{"builder", {{"id", "urn:sagebuild:unattested"}}}}}}},
    };
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<StatedDigest>> parse_provenance(std::string_view text, const std::string& file) {
    SAGEBUILD_TRY(const JsonNode root, parse_json(text, {.file = file, .code = "SB0642"}));
    return StatementReader(root, file).read();
}

}  // namespace sagebuild
