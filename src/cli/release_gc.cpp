#include "cli/release_gc.hpp"

#include <memory>
#include <ostream>

#include "app/release_gc.hpp"
#include "cli/release_console.hpp"
#include "cli/release_option.hpp"

namespace sagebuild {

namespace {

void collect(Application& application, const GcRequest& request) {
    const auto found = collect_leftovers(request, application.edges);
    if (!found) return application.report(found.errors());
    for (const Leftover& each : *found) {
        application.out << (request.is_dry ? "would remove " : "removed ");
        if (each.asset.empty()) {
            application.out << "draft of " << printable(each.tag) << " (id " << each.release_id << ") with " << counted_files(each.files);
        } else {
            application.out << "incomplete " << printable(each.asset) << " of " << printable(each.tag);
        }
        application.out << "\n";
    }
    if (found->empty()) application.err << "nothing was left behind\n";
}

}  // namespace

void register_release_gc(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("gc", "remove empty drafts of this tool and files that are not complete");
    auto request = std::make_shared<GcRequest>();
    add_github_options(*command, request->github);
    command->add_option("--tag", request->tag, "only of this tag (default: all releases)");
    command->add_flag("--unfinished", request->unfinished_too, "also drafts of this tool that have files");
    command->add_flag("--dry-run", request->is_dry, "only say what would be removed");
    command->callback([&application, request] { collect(application, *request); });
}

}  // namespace sagebuild
