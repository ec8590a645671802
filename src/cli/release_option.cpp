#include "cli/release_option.hpp"

#include "cli/matrix_option.hpp"

namespace sagebuild {

void add_github_options(CLI::App& command, GitHubRequest& request) {
    command.add_option("--repository", request.repository, "OWNER/NAME on GitHub")->required();
    command.add_option("--api", request.api, "API of a GitHub Enterprise server (default: GITHUB_API_URL, else https://api.github.com)");
    command.add_option("--token-file", request.token_file, "file with the token (default: GITHUB_TOKEN, else GH_TOKEN)");
}

void add_release_options(CLI::App& command, ReleaseRequest& request, Application& application) {
    add_github_options(command, request.github);
    command.add_option("--tag", request.tag, "tag of the release")->required();
    request.from = {"dist"};
    command.add_option("--from", request.from, "directory of wheels, or a wheel; may be repeated")
        ->allow_extra_args(false)
        ->capture_default_str();
    CLI::Option* reason = command.add_option("--reason", request.reason, "why files are replaced; the notes show it");
    command.add_flag("--replace", request.replaces, "overwrite files of the same name with other bytes")->needs(reason);
    command.add_flag("--draft", request.stays_draft, "leave the release a draft, without checksums and provenance: more wheels will come");
    command.add_option("--per-minute", request.budget.per_minute, "requests that create content, 0: any number")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--per-hour", request.budget.per_hour, "likewise")->check(CLI::NonNegativeNumber)->capture_default_str();
    add_matrix_option(command, application);
}

}  // namespace sagebuild
