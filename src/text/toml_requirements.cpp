#include "text/toml_requirements.hpp"

#include <algorithm>

#include "core/naming_scheme.hpp"
#include "core/torch_requirement.hpp"
#include "core/wheel_url.hpp"
#include "text/requirement_line.hpp"
#include "text/requirements_reader.hpp"
#include "text/toml_document.hpp"

namespace sagebuild {

namespace {

/// `>=3.12,<3.13`, `==3.12.*`, `~=3.12.0`: the one minor that is meant; empty if it is several.
std::optional<Version> only_python(const std::string& specifier) {
    if (const auto pin = parse_torch_pin(specifier)) return pin->version.prefix(2);
    std::optional<Version> low, high;
    for (std::size_t begin = 0; begin < specifier.size();) {
        const std::size_t end = std::min(specifier.find(',', begin), specifier.size());
        std::string clause = specifier.substr(begin, end - begin);
        std::erase(clause, ' ');
        if (clause.starts_with(">=")) low = parse_version(clause.substr(2));
        if (clause.starts_with('<') && !clause.starts_with("<=")) high = parse_version(clause.substr(1));
        begin = end + 1;
    }
    const bool is_one = low && high && low->part(0) == high->part(0) && high->part(1) == low->part(1) + 1 && high->part(2) == 0;
    return is_one ? std::optional(low->prefix(2)) : std::nullopt;
}

class TomlReader {
  public:
    explicit TomlReader(TomlDocument document) : m_root(std::move(document.root)) { m_out.source = std::move(document.source); }

    Result<RequirementFile> read_pyproject() {
        if (const TomlNode* python = m_root.find({"project", "requires-python"})) m_out.python = only_python(python->string_or_empty());
        read_list(m_root.find({"project", "dependencies"}), 0, false);
        int scope = 0;
        for (const TomlNode* groups : {m_root.find({"project", "optional-dependencies"}), m_root.find("dependency-groups")}) {
            if (groups == nullptr) continue;
            for (const auto& [name, list] : groups->entries) read_list(&list, ++scope, false);
        }
        read_list(m_root.find({"tool", "uv", "constraint-dependencies"}), 0, true);
        read_list(m_root.find({"tool", "uv", "override-dependencies"}), 0, true);
        read_sources(m_root.find({"tool", "uv", "sources"}));
        read_sources(m_root.find({"tool", "poetry", "dependencies"}));
        read_indexes(m_root.find({"tool", "uv", "index"}));
        read_indexes(m_root.find({"tool", "poetry", "source"}));
        return finish();
    }

    Result<RequirementFile> read_lock() {
        if (const TomlNode* python = m_root.find("requires-python")) m_out.python = only_python(python->string_or_empty());
        const TomlNode* packages = m_root.find("package");
        if (packages == nullptr || packages->kind != TomlNode::Kind::array) {
            m_problems.push_back({"SB0440", "a lock file without `[[package]]`", {m_out.source.file(), 0, 0}});
            return std::move(m_problems);
        }
        for (const TomlNode& package : packages->items) read_package(package);
        return finish();
    }

  private:
    Result<RequirementFile> finish() {
        if (!m_problems.empty()) return std::move(m_problems);
        std::stable_sort(m_out.requirements.begin(), m_out.requirements.end(),
                         [](const StatedRequirement& a, const StatedRequirement& b) { return a.at.begin < b.at.begin; });
        attach_comments(m_out, true);
        attach_mentions(m_out);
        return std::move(m_out);
    }

    void read_list(const TomlNode* list, int scope, bool is_constraint) {
        if (list == nullptr) return;
        for (const TomlNode& item : list->items) {
            if (item.kind != TomlNode::Kind::string) continue;  // `{include-group = ...}`
            ReadRequirement read = parse_requirement(item.text, m_out.source.bytes());
            if (!read.fault.empty()) {
                Diagnostic problem = m_out.source.error(item.at, "SB0440", "not a requirement: " + read.fault);
                problem.hints.emplace_back("write `name==1.2.3` or `name @ https://...whl`");
                m_problems.push_back(std::move(problem));
                continue;
            }
            read.stated.at = item.at;
            read.stated.scope = scope;
            read.stated.is_constraint = is_constraint;
            m_out.requirements.push_back(std::move(read.stated));
        }
    }

    /// `name = {url = "...", marker = "..."}`, or a list of such tables.
    void read_sources(const TomlNode* sources) {
        if (sources == nullptr) return;
        for (const auto& [name, value] : sources->entries) {
            if (value.kind == TomlNode::Kind::array) {
                for (const TomlNode& item : value.items) read_url_table(name, item);
            } else {
                read_url_table(name, value);
            }
        }
    }

    void read_url_table(const std::string& name, const TomlNode& table) {
        const TomlNode* url = table.find("url");
        if (url == nullptr || url->kind != TomlNode::Kind::string) return;
        StatedRequirement requirement;
        requirement.distribution = normalise_project(name);
        requirement.at = url->at;
        state_url(requirement, url->text, m_out.source.bytes());
        for (const std::string_view key : {"marker", "markers"}) {
            if (const TomlNode* marker = table.find(key)) requirement.marker = marker->string_or_empty();
        }
        if (const TomlNode* extra = table.find("extra")) requirement.marker = "extra == '" + extra->string_or_empty() + "'";
        if (const TomlNode* hash = table.find("hash")) add_hash(requirement, hash->text);
        m_out.requirements.push_back(std::move(requirement));
    }

    static void add_hash(StatedRequirement& requirement, const SplicedText& text) {
        const std::size_t colon = text.text().find(':');
        if (colon == std::string::npos || colon + 1 == text.size()) return;
        requirement.hashes.push_back({text.text().substr(0, colon), text.text().substr(colon + 1), text.part(colon + 1).span()});
    }

    void read_indexes(const TomlNode* indexes) {
        if (indexes == nullptr) return;
        for (const TomlNode& item : indexes->items) {
            const TomlNode* url = item.find("url");
            if (url == nullptr) continue;
            const TomlNode* explicit_only = item.find("explicit");
            const bool is_explicit = explicit_only != nullptr && m_out.source.at(explicit_only->at) == "true";
            m_out.indexes.push_back({url->string_or_empty(), url->at, !is_explicit, false, 0});
        }
    }

    void read_package(const TomlNode& package) {
        const TomlNode* name = package.find("name");
        const TomlNode* version = package.find("version");
        if (name == nullptr) return;
        const std::string distribution = normalise_project(name->string_or_empty());
        const TomlNode* registry = package.find({"source", "registry"});
        const TomlNode* url = package.find({"source", "url"});
        if (registry != nullptr || url == nullptr) {
            if (distribution == "torch" && version != nullptr) read_torch(package, *version, registry);
            if (registry == nullptr) read_urls(package, "", std::nullopt);
            return;
        }
        std::optional<SourceSpan> version_at;
        if (version != nullptr && version->text.is_verbatim(m_out.source.bytes())) version_at = version->text.span();
        read_urls(package, distribution, version_at);
    }

    /// The lines of a lock that forks by platform (`resolution-markers`) exclude each other.
    void read_torch(const TomlNode& package, const TomlNode& version, const TomlNode* registry) {
        StatedRequirement requirement;
        requirement.distribution = "torch";
        requirement.at = version.at;
        requirement.specifier = "==" + version.string_or_empty();
        if (const TomlNode* markers = package.find("resolution-markers")) {
            for (const TomlNode& marker : markers->items)
                requirement.marker += (requirement.marker.empty() ? "(" : " or (") + marker.string_or_empty() + ")";
        }
        m_out.requirements.push_back(std::move(requirement));
        if (registry != nullptr && registry->kind == TomlNode::Kind::string)
            m_out.indexes.push_back({registry->string_or_empty(), registry->at, true, false, 0});
    }

    /// Every table below with the URL of a wheel: the source, the wheel with its hash, the requirement that asked for it.
    void read_urls(const TomlNode& node, const std::string& distribution, std::optional<SourceSpan> version_at) {
        for (const TomlNode& item : node.items) read_urls(item, distribution, version_at);
        for (const auto& [key, value] : node.entries) {
            if (key != "url" || value.kind != TomlNode::Kind::string) {
                read_urls(value, distribution, version_at);
                continue;
            }
            if (!is_wheel_url(value.string_or_empty())) continue;
            const TomlNode* name = node.find("name");
            StatedRequirement requirement;
            requirement.distribution = name != nullptr && distribution.empty() ? normalise_project(name->string_or_empty()) : distribution;
            requirement.at = value.at;
            requirement.version_at = version_at;
            state_url(requirement, value.text, m_out.source.bytes());
            if (const TomlNode* marker = node.find("marker")) requirement.marker = marker->string_or_empty();
            if (const TomlNode* hash = node.find("hash")) add_hash(requirement, hash->text);
            m_out.requirements.push_back(std::move(requirement));
        }
    }

    TomlNode m_root;
    RequirementFile m_out;
    Diagnostics m_problems;
};

}  // namespace

Result<RequirementFile> parse_pyproject(std::string_view bytes, const std::string& file) {
    SAGEBUILD_TRY(TomlDocument document, parse_toml(bytes, file, RequirementLimits::file_bytes));
    return TomlReader(std::move(document)).read_pyproject();
}

Result<RequirementFile> parse_uv_lock(std::string_view bytes, const std::string& file) {
    SAGEBUILD_TRY(TomlDocument document, parse_toml(bytes, file, RequirementLimits::lock_bytes));
    return TomlReader(std::move(document)).read_lock();
}

}  // namespace sagebuild
