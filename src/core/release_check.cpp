#include "core/release_check.hpp"

#include <algorithm>
#include <map>

#include "core/nearest.hpp"

namespace sagebuild {

namespace {

std::string quoted(std::string_view text) {
    return "`" + printable(text, 160) + "`";
}

class ReleaseChecker {
  public:
    explicit ReleaseChecker(const std::vector<FoundFile>& files) {
        for (const FoundFile& file : files) {
            m_files.emplace(file.name, &file);
            m_names.push_back(file.name);
        }
    }

    Diagnostics run(const ReleaseStatements& statements) {
        if (statements.checksums) check_checksums(*statements.checksums);
        if (statements.provenance) check_wheels(*statements.provenance, statements.provenance_name, "SB0647", "the provenance");
        if (statements.sbom) check_wheels(*statements.sbom, statements.sbom_name, "SB0648", "the bill of materials");
        return std::move(m_problems);
    }

  private:
    void add(const std::string& code, std::string what, const std::string& document, std::vector<std::string> nearest = {}) {
        m_problems.push_back({.code = code, .what = std::move(what), .place = {document, 0, 0}, .nearest = std::move(nearest)});
    }

    const FoundFile* find(const std::string& name) const {
        const auto found = m_files.find(name);
        return found == m_files.end() ? nullptr : found->second;
    }

    void check_checksums(const std::vector<StatedDigest>& stated) {
        const std::string document(checksums_name);
        std::map<std::string, std::string> listed;
        for (const StatedDigest& line : stated) {
            listed.emplace(line.name, line.sha256);
            const FoundFile* file = find(line.name);
            if (file == nullptr) {
                add("SB0644", quoted(line.name) + " is listed and is not there", document, find_nearest(line.name, m_names));
            } else if (file->sha256 != line.sha256) {
                add("SB0646", quoted(line.name) + " has the SHA-256 `" + file->sha256 + "`, not `" + line.sha256 + "`", document);
            }
        }
        for (const std::string& name : m_names) {
            if (name != checksums_name && !listed.contains(name)) add("SB0645", quoted(name) + " is there and is not listed", document);
        }
    }

    void check_wheels(const std::vector<StatedDigest>& stated, const std::string& document, const std::string& code,
                      const std::string& what) {
        std::map<std::string, std::string> listed;
        for (const StatedDigest& line : stated) {
            listed.emplace(line.name, line.sha256);
            const FoundFile* file = find(line.name);
            if (file == nullptr) {
                add(code, what + " speaks of " + quoted(line.name) + ", which is not there", document, find_nearest(line.name, m_names));
            } else if (file->sha256 != line.sha256) {
                add(code, quoted(line.name) + " has the SHA-256 `" + file->sha256 + "`, " + what + " states `" + line.sha256 + "`",
                    document);
            }
        }
        for (const std::string& name : m_names) {
            if (name.ends_with(".whl") && !listed.contains(name)) add(code, what + " does not speak of " + quoted(name), document);
        }
    }

    std::map<std::string, const FoundFile*> m_files;
    std::vector<std::string> m_names;
    Diagnostics m_problems;
};

}  // namespace

Result<std::string> find_document(const std::vector<FoundFile>& files, std::string_view ending, const std::string& what) {
    std::vector<std::string> found;
    for (const FoundFile& file : files) {
        if (file.name.ends_with(ending)) found.push_back(file.name);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) return Diagnostic{.code = "SB0649", .what = "the release has no " + what + ", `*" + std::string(ending) + "`"};
    std::string names;
    for (const std::string& name : found) names += (names.empty() ? "" : ", ") + quoted(name);
    return Diagnostic{
        .code = "SB0649",
        .what = "the release has " + std::to_string(found.size()) + " files of " + what + ", and which one counts is not known",
        .notes = {names}};
}

Diagnostics check_release(const std::vector<FoundFile>& files, const ReleaseStatements& statements) {
    return ReleaseChecker(files).run(statements);
}

}  // namespace sagebuild
