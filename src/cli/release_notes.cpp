#include "cli/release_notes.hpp"

#include <memory>
#include <ostream>

#include "app/release_notes.hpp"
#include "cli/matrix_option.hpp"
#include "cli/release_console.hpp"
#include "cli/release_option.hpp"

namespace sagebuild {

namespace {

void print_notes(Application& application, ReleaseNotesRequest request) {
    request.matrix_directory = application.matrix_directory;
    ReleaseConsole console(application);
    const auto notes = make_release_notes(request, application.edges,
                                          [&console](const std::string& why, double seconds) { console.on_wait(why, seconds); });
    if (!notes) return application.report(notes.errors());
    application.out << *notes;
}

}  // namespace

void register_release_notes(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("notes", "the text of a release, made from its wheels");
    auto request = std::make_shared<ReleaseNotesRequest>();
    add_github_options(*command, request->github);
    command->add_option("--tag", request->tag, "tag of the release")->required();
    command->add_option("--from", request->from, "directory of the wheels")->capture_default_str();
    command->add_option("--template", request->template_file, "Markdown with holes (default: a plain one; docs/release-documents.md)");
    command->add_option("--since", request->since, "compare with an earlier release: its tag, its SHA256SUMS, or a directory with that");
    add_matrix_option(*command, application);
    command->callback([&application, request] { print_notes(application, *request); });
}

}  // namespace sagebuild
