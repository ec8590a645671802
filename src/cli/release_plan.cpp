#include "cli/release_plan.hpp"

#include <memory>
#include <ostream>

#include "app/release_plan.hpp"
#include "cli/release_console.hpp"
#include "cli/release_option.hpp"
#include "text/release_plan_json.hpp"

namespace sagebuild {

namespace {

std::string action_text(const PlannedFile& planned) {
    if (planned.is_refused) return "refuse";
    switch (planned.action) {
        case AssetAction::keep:
            return "keep";
        case AssetAction::replace:
            return "replace";
        case AssetAction::upload:
            return planned.existing ? "resend" : "upload";
    }
    return "";
}

void print_plan(std::ostream& out, const ReleasePlan& plan, const std::string& tag) {
    if (!plan.release) {
        out << "release " << printable(tag) << " would be made as a draft\n";
    } else {
        out << "release " << printable(tag) << " is " << (plan.release->draft ? "a draft" : "published")
            << (plan.release->immutable ? " and immutable" : "") << "\n";
    }
    for (const PlannedFile& planned : plan.files) {
        const std::string action = action_text(planned);
        out << "  " << action << std::string(9 - action.size(), ' ') << printable(planned.file.name) << "  "
            << release_size_text(planned.file.size) << "\n";
    }
    if (!plan.problems.empty()) {
        out << "nothing would be sent: " << plan.problems.size() << (plan.problems.size() == 1 ? " problem\n" : " problems\n");
        return;
    }
    const std::size_t requests = plan.creating_requests();
    if (requests == 0) {
        out << "nothing to do\n";
        return;
    }
    if (plan.publishes) out << "  publish\n";
    out << release_size_text(plan.bytes_to_send()) << " to send, " << requests
        << (requests == 1 ? " request that creates content" : " requests that create content");
    if (plan.paced_seconds > 0) out << ", paced: at least " << release_time_text(plan.paced_seconds);
    out << "\n";
}

void plan(Application& application, ReleaseRequest request, bool json) {
    request.matrix_directory = application.matrix_directory;
    const auto plan = plan_release(request, application.edges);
    if (!plan) return application.report(plan.errors());
    if (json) {
        application.out << render_release_plan_json(*plan, request.tag);
        application.exit_code = exit_code_for(plan->problems);
        return;
    }
    print_plan(application.out, *plan, request.tag);
    application.out.flush();
    if (!plan->problems.empty()) application.report(plan->problems);
}

}  // namespace

void register_release_plan(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("plan", "what `upload` would create, send, keep and refuse");
    auto request = std::make_shared<ReleaseRequest>();
    auto json = std::make_shared<bool>(false);
    add_release_options(*command, *request, application);
    command->add_flag("--json", *json, "the plan as JSON");
    command->callback([&application, request, json] { plan(application, *request, *json); });
}

}  // namespace sagebuild
