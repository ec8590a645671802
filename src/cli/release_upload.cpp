#include "cli/release_upload.hpp"

#include <memory>
#include <ostream>

#include "app/release_upload.hpp"
#include "cli/release_console.hpp"
#include "cli/release_option.hpp"

namespace sagebuild {

namespace {

void print_report(Application& application, const UploadReport& report) {
    const std::string state = report.release.draft ? "is a draft" : report.was_published ? "is published" : "was published before";
    application.out << "release " << printable(report.release.tag) << " " << state << ", complete and compared\n";
    application.out << "  sent      " << report.sent << "\n  kept      " << report.kept << "\n";
    if (report.replaced > 0) application.out << "  replaced  " << report.replaced << "\n";
    if (!report.release.html_url.empty()) application.out << "  " << printable(report.release.html_url) << "\n";
    if (report.bytes == 0) return;
    application.err << release_size_text(report.bytes) << " in " << release_time_text(report.seconds);
    constexpr double long_enough = 0.5;
    if (report.seconds > long_enough)
        application.err << ", " << release_size_text(static_cast<std::uint64_t>(static_cast<double>(report.bytes) / report.seconds))
                        << "/s";
    application.err << "\n";
}

void upload(Application& application, UploadRequest request) {
    request.release.matrix_directory = application.matrix_directory;
    ReleaseConsole console(application);
    const auto report = upload_release(request, application.edges, console);
    console.end_progress();
    if (!report) return application.report(report.errors());
    print_report(application, *report);
}

}  // namespace

void register_release_upload(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("upload", "make a release of wheels: a draft, published when all files are there; resumes");
    auto request = std::make_shared<UploadRequest>();
    add_release_options(*command, request->release, application);
    constexpr int most_jobs = 64;
    command->add_option("--jobs", request->jobs, "files at a time")->check(CLI::Range(1, most_jobs))->capture_default_str();
    command->add_option("--notes", request->notes_file, "file with the text of the release (default: what `release notes` makes)");
    command->add_option("--target", request->target, "branch or commit for a tag that does not exist yet (default: the default branch)");
    command->add_flag("--prerelease", request->prerelease, "mark the release as a prerelease");
    command->callback([&application, request] { upload(application, *request); });
}

}  // namespace sagebuild
