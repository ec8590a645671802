#include "cli/requirements_check.hpp"

#include <memory>
#include <ostream>

#include "app/requirements.hpp"
#include "cli/requirements_option.hpp"
#include "text/select_text.hpp"

namespace sagebuild {

namespace {

std::string shown_fit(const CheckedWheel& wheel) {
    if (!wheel.applies) return "not for this environment";
    if (!wheel.fits) return "not known";
    return *wheel.fits ? "fits" : "does not fit";
}

void print_group(std::ostream& out, const CheckedGroup& group) {
    for (const CheckedFile& checked : group.files) {
        const std::string environment = describe_environment(group.environment);
        out << printable(checked.file->source.file()) << "\n  environment  " << (environment.empty() ? "not known" : environment) << "\n";
        for (const CheckedWheel& wheel : checked.wheels) {
            const std::string line = std::to_string(checked.file->source.place(wheel.stated->url_at.begin).line);
            out << "  line " << line << std::string(line.size() < 8 ? 8 - line.size() : 1, ' ') << printable(wheel.name) << "  "
                << shown_fit(wheel) << "\n";
        }
        if (checked.wheels.empty()) out << "  no wheels\n";
    }
}

void check(Application& application, const RequirementsRequest& request, bool json) {
    const auto checked = check_requirement_files(request, application.edges);
    if (!checked) return application.report(checked.errors());
    if (json) {
        application.out << render_requirements_json(checked->groups, checked->notes, checked->problems);
        application.exit_code = exit_code_for(checked->problems);
        return;
    }
    for (const CheckedGroup& group : checked->groups) print_group(application.out, group);
    application.out.flush();
    for (const std::string& note : checked->notes) application.err << "note: " << printable(note) << "\n";
    if (!checked->problems.empty()) application.report(checked->problems);
}

}  // namespace

void register_requirements_check(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("check", "compare wheels, pins and comments of files with an environment and a release");
    auto request = std::make_shared<RequirementsRequest>();
    auto json = std::make_shared<bool>(false);
    add_requirements_options(*command, *request, application);
    command->add_flag("--json", *json, "wheels and problems as JSON");
    command->callback([&application, request, json] { check(application, completed(*request, application), *json); });
}

}  // namespace sagebuild
