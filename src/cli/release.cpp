#include "cli/release.hpp"

#include "cli/release_documents.hpp"
#include "cli/release_gc.hpp"
#include "cli/release_notes.hpp"
#include "cli/release_plan.hpp"
#include "cli/release_upload.hpp"
#include "cli/release_verify.hpp"

namespace sagebuild {

void register_release(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("release", "wheels as a release that others can check");
    command->require_subcommand(1);
    register_release_documents(*command, application);
    register_release_gc(*command, application);
    register_release_notes(*command, application);
    register_release_plan(*command, application);
    register_release_upload(*command, application);
    register_release_verify(*command, application);
}

}  // namespace sagebuild
