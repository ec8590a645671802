#include <cstdlib>

#include "app/github.hpp"
#include "core/repository_name.hpp"
#include "edge/core_dumps.hpp"

namespace sagebuild {

namespace {

std::string variable(const Environment& environment, const std::string& name, const std::string& otherwise) {
    const auto value = environment.variable(name);
    return value && !value->empty() ? *value : otherwise;
}

Result<std::string> read_token(const GitHubRequest& request, const Edges& edges) {
    if (request.token_file.empty()) return variable(edges.environment, "GITHUB_TOKEN", variable(edges.environment, "GH_TOKEN", ""));
    SAGEBUILD_TRY(const bool is_public, edges.files.is_readable_by_all(request.token_file));
    if (is_public) {
        return Diagnostic{.code = "SB0620",
                          .what = "token file `" + printable(request.token_file) + "` can be read by everybody on this machine",
                          .hints = {"`chmod 600` it, and make a new token if others have accounts here"}};
    }
    constexpr std::size_t longest = std::size_t{64} << 10;
    SAGEBUILD_TRY(const std::string text, edges.files.read(request.token_file, longest));
    const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
    if (end == 0) return Diagnostic{.code = "SB0620", .what = "token file `" + printable(request.token_file) + "` is empty"};
    return text.substr(0, end);
}

}  // namespace

Result<GitHubRepository> load_github_repository(const GitHubRequest& request, const Edges& edges) {
    const auto repository = parse_repository_name(request.repository);
    if (!repository) {
        return Diagnostic{.code = "SB0623",
                          .what = "`" + printable(request.repository, 120) + "` is no repository",
                          .hints = {"write `--repository OWNER/NAME`"}};
    }
    forbid_core_dumps();
    SAGEBUILD_TRY(std::string token, read_token(request, edges));
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    std::string api = request.api.empty() ? variable(edges.environment, "GITHUB_API_URL", "https://api.github.com") : request.api;
    while (api.ends_with('/')) api.pop_back();
    return GitHubRepository{.api_base = api, .owner = repository->owner, .name = repository->name, .token = Secret(std::move(token))};
}

Result<> require_token(const GitHubRepository& repository) {
    if (!repository.token.empty()) return Unit{};
    return Diagnostic{.code = "SB0621",
                      .what = "changing releases of `" + repository.shown() + "` needs a token",
                      .hints = {"set `GITHUB_TOKEN`, or name a file with `--token-file`; it needs write access to the contents"}};
}

Result<GitHubPatience> load_github_patience(const Environment& environment) {
    GitHubPatience patience;
    const std::string text = variable(environment, "SAGEBUILD_RETRY_SECONDS", "1");
    char* end = nullptr;
    patience.base_seconds = std::strtod(text.c_str(), &end);
    constexpr double longest = 600;
    if (end != text.c_str() + text.size() || !(patience.base_seconds >= 0 && patience.base_seconds <= longest)) {
        return Diagnostic{.code = "SB0622",
                          .what = "`SAGEBUILD_RETRY_SECONDS` is `" + printable(text, 40) + "`, not a number of seconds from 0 to 600"};
    }
    return patience;
}

}  // namespace sagebuild
