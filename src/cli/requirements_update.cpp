#include "cli/requirements_update.hpp"

#include <memory>
#include <ostream>

#include "app/requirements.hpp"
#include "cli/requirements_option.hpp"

namespace sagebuild {

namespace {

std::string shown_result(const FileUpdate& file, bool dry_run) {
    if (file.diff.empty()) return "unchanged";
    return file.written ? "written" : dry_run ? "would change" : "not written";
}

void update(Application& application, const RequirementsRequest& request, bool json) {
    const auto updated = update_requirement_files(request, application.edges);
    if (!updated) return application.report(updated.errors());
    if (json) {
        application.out << render_update_json(updated->files, updated->notes, updated->problems);
        application.exit_code = exit_code_for(updated->problems);
        return;
    }
    for (const FileUpdate& file : updated->files) application.out << file.diff;
    application.out.flush();
    for (const std::string& note : updated->notes) application.err << "note: " << printable(note) << "\n";
    for (const FileUpdate& file : updated->files)
        application.err << printable(file.file) << ": " << shown_result(file, request.dry_run) << "\n";
    if (!updated->problems.empty()) application.report(updated->problems);
}

}  // namespace

void register_requirements_update(CLI::App& parent, Application& application) {
    CLI::App* command =
        parent.add_subcommand("update", "set URL, digest and comments of wheels to those that fit, and show the difference");
    auto request = std::make_shared<RequirementsRequest>();
    auto json = std::make_shared<bool>(false);
    add_requirements_options(*command, *request, application);
    command->add_option("--url", request->url_prefix, "where candidates that are only names lie: the URL before the file name");
    command->add_flag("--dry-run", request->dry_run, "show the difference, write nothing");
    command->add_flag("--json", *json, "changes and problems as JSON");
    command->callback([&application, request, json] { update(application, completed(*request, application), *json); });
}

}  // namespace sagebuild
