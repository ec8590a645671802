#include "cli/release_verify.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "app/release_verify.hpp"
#include "text/release_report_json.hpp"

namespace sagebuild {

namespace {

struct VerifyOptions {
    std::string from = "dist";
    std::string repository;
    bool json = false;
};

/// What checks the signature that the workflow's attestation step leaves with GitHub.
std::string attestation_command(const std::string& repository) {
    return "gh attestation verify FILE --repo " + (repository.empty() ? "OWNER/NAME" : repository);
}

std::string stated(const std::optional<std::vector<StatedDigest>>& statement, const std::string& what, const std::string& name) {
    if (!statement) return "not known";
    return std::to_string(statement->size()) + (statement->size() == 1 ? " " + what : " " + what + "s") +
           (name.empty() ? "" : " in " + name);
}

void print_report(std::ostream& out, const ReleaseReport& report, const std::string& repository) {
    const auto line = [&out](const std::string& subject, const std::string& found) {
        out << "  " << subject << std::string(subject.size() < 12 ? 12 - subject.size() : 1, ' ') << printable(found) << "\n";
    };
    const auto verified =
        std::count_if(report.wheels.begin(), report.wheels.end(), [](const VerifiedFile& wheel) { return wheel.report.problems.empty(); });
    out << printable(report.shown) << "\n";
    line("files", std::to_string(report.files.size()));
    line("SHA256SUMS", stated(report.statements.checksums, "file", ""));
    line("provenance", stated(report.statements.provenance, "wheel", report.statements.provenance_name));
    line("SBOM", stated(report.statements.sbom, "wheel", report.statements.sbom_name));
    line("wheels", std::to_string(verified) + " of " + std::to_string(report.wheels.size()) + " are what their names and manifests say");
    line("signatures", "not checked: an unsigned statement proves digests only, not who made the files");
    line("", attestation_command(repository));
    const std::size_t problems = report.problems.size();
    out << (problems == 0 ? "  verified\n"
                          : "  not verified: " + std::to_string(problems) + (problems == 1 ? " problem\n" : " problems\n"));
}

void verify(Application& application, const VerifyOptions& options) {
    DirectorySource source(options.from, application.edges);
    const auto report = verify_release(source);
    if (!report) return application.report(report.errors());
    if (options.json) {
        application.out << render_release_report_json(report->shown, report->files, attestation_command(options.repository),
                                                      report->problems);
        application.exit_code = exit_code_for(report->problems);
        return;
    }
    print_report(application.out, *report, options.repository);
    application.out.flush();
    if (!report->problems.empty()) application.report(report->problems);
}

}  // namespace

void register_release_verify(CLI::App& parent, Application& application) {
    CLI::App* command =
        parent.add_subcommand("verify", "compare every file of a release with its checksums, provenance, SBOM and contents");
    auto options = std::make_shared<VerifyOptions>();
    command->add_option("--from", options->from, "directory of the downloaded files")->capture_default_str();
    command->add_option("--repository", options->repository, "OWNER/NAME");
    command->add_flag("--json", options->json, "files and problems as JSON");
    command->callback([&application, options] { verify(application, *options); });
}

}  // namespace sagebuild
