#include "app/release_verify.hpp"

#include <algorithm>

#include "app/wheel_verify.hpp"
#include "text/checksums.hpp"
#include "text/provenance.hpp"
#include "text/sbom.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

class ReleaseVerifier {
  public:
    explicit ReleaseVerifier(ReleaseSource& source) : m_source(source) {}

    Result<ReleaseReport> run() {
        m_report.shown = m_source.shown();
        SAGEBUILD_TRY(const std::vector<std::string> names, m_source.list());
        if (names.empty()) return Diagnostic{.code = "SB0652", .what = "there is no file in `" + printable(m_report.shown) + "`"};
        for (const std::string& name : names) read_file(name);
        find_documents();
        add_all(check_release(m_report.files, m_report.statements));
        for (const VerifiedFile& wheel : m_report.wheels) add_all(wheel.report.problems);
        return std::move(m_report);
    }

  private:
    void add_all(const Diagnostics& problems) { m_report.problems.insert(m_report.problems.end(), problems.begin(), problems.end()); }

    /// A file that cannot be read is as good as missing, and its error says why.
    void read_file(const std::string& name) {
        const auto bytes = m_source.read(name);
        if (!bytes) return add_all(bytes.errors());
        m_report.files.push_back({name, bytes->size(), sha256_hex(*bytes)});
        if (name.ends_with(".whl")) m_report.wheels.push_back({name, verify_wheel(*bytes, name, nullptr)});
        if (name == checksums_name) enter(parse_checksums(*bytes, name), m_report.statements.checksums);
        if (name.ends_with(provenance_ending)) enter(parse_provenance(*bytes, name), m_report.statements.provenance);
        if (name.ends_with(sbom_ending)) enter(parse_sbom_archive(*bytes, name), m_report.statements.sbom);
    }

    void enter(Result<std::vector<StatedDigest>> read, std::optional<std::vector<StatedDigest>>& statement) {
        if (!read) return add_all(read.errors());
        statement = std::move(read).value();
    }

    void find_documents() {
        const bool has_checksums =
            std::any_of(m_report.files.begin(), m_report.files.end(), [](const FoundFile& file) { return file.name == checksums_name; });
        if (!has_checksums) m_report.problems.push_back({.code = "SB0649", .what = "the release has no `SHA256SUMS`"});
        choose(provenance_ending, "provenance", m_report.statements.provenance, m_report.statements.provenance_name);
        choose(sbom_ending, "bills of materials", m_report.statements.sbom, m_report.statements.sbom_name);
    }

    void choose(std::string_view ending, const std::string& what, std::optional<std::vector<StatedDigest>>& statement, std::string& name) {
        const auto found = find_document(m_report.files, ending, what);
        if (found) {
            name = *found;
        } else {
            statement.reset();
            add_all(found.errors());
        }
    }

    ReleaseSource& m_source;
    ReleaseReport m_report;
};

}  // namespace

Result<std::vector<std::string>> DirectorySource::list() {
    SAGEBUILD_TRY(const std::vector<std::string> names, m_edges.files.list(m_directory));
    std::vector<std::string> files;
    for (const std::string& name : names) {
        if (m_edges.files.is_file(m_directory + "/" + name)) files.push_back(name);
    }
    return files;
}

Result<std::string> DirectorySource::read(const std::string& name) {
    return m_edges.files.read(m_directory + "/" + name);
}

Result<ReleaseReport> verify_release(ReleaseSource& source) {
    return ReleaseVerifier(source).run();
}

}  // namespace sagebuild
