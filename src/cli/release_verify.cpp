#include "cli/release_verify.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "app/github_release_source.hpp"
#include "app/release_plan.hpp"
#include "app/release_verify.hpp"
#include "cli/release_console.hpp"
#include "cli/release_option.hpp"
#include "text/release_report_json.hpp"

namespace sagebuild {

namespace {

struct VerifyOptions {
    GitHubRequest github;
    std::string tag;
    std::string from = "dist";
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

/// From GitHub where a tag is given, else from the directory.
Result<ReleaseReport> verify_source(Application& application, const VerifyOptions& options) {
    if (options.tag.empty()) {
        DirectorySource source(options.from, application.edges);
        return verify_release(source);
    }
    SAGEBUILD_CHECK(check_tag(options.tag));
    SAGEBUILD_TRY(GitHubRepository repository, load_github_repository(options.github, application.edges));
    SAGEBUILD_TRY(GitHubPatience patience, load_github_patience(application.edges.environment));
    ReleaseConsole console(application);
    patience.on_wait = [&console](const std::string& why, double seconds) { console.on_wait(why, seconds); };
    GitHub github(application.edges, std::move(repository), std::move(patience));
    SAGEBUILD_TRY(Release release, find_release_of_tag(github, options.tag));
    GitHubReleaseSource source(github, std::move(release));
    return verify_release(source);
}

void verify(Application& application, const VerifyOptions& options) {
    const auto report = verify_source(application, options);
    if (!report) return application.report(report.errors());
    const std::string& repository = options.github.repository;
    if (options.json) {
        application.out << render_release_report_json(report->shown, report->files, attestation_command(repository), report->problems);
        application.exit_code = exit_code_for(report->problems);
        return;
    }
    print_report(application.out, *report, repository);
    application.out.flush();
    if (!report->problems.empty()) application.report(report->problems);
}

}  // namespace

void register_release_verify(CLI::App& parent, Application& application) {
    CLI::App* command =
        parent.add_subcommand("verify", "compare every file of a release with its checksums, provenance, SBOM and contents");
    auto options = std::make_shared<VerifyOptions>();
    add_github_options(*command, options->github);
    CLI::Option* repository = command->get_option("--repository")->required(false);
    CLI::Option* tag = command->add_option("--tag", options->tag, "download the files of this release")->needs(repository);
    command->add_option("--from", options->from, "directory of the downloaded files")->capture_default_str()->excludes(tag);
    command->add_flag("--json", options->json, "files and problems as JSON");
    command->callback([&application, options] { verify(application, *options); });
}

}  // namespace sagebuild
