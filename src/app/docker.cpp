#include "app/docker.hpp"

#include <optional>

#include "app/program_failure.hpp"
#include "core/version.hpp"

namespace sagebuild {

namespace {

const char* const way_out = "`sagebuild build --engine local` needs no Docker";

/// The oldest buildx that was seen to read docker-bake.hcl as the newest does.
const Version& oldest_buildx() {
    static const Version version({0, 13});
    return version;
}

/// `0.29.1` of `github.com/docker/buildx v0.29.1 d8ec6ea` or `... 0.29.1+ds1 0.29.1+ds1-4`; nothing for a build without a version.
std::optional<Version> find_version(const std::string& text) {
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) return std::nullopt;
    const std::size_t begin = text.find_first_of("0123456789", space);
    if (begin == std::string::npos || (begin != space + 1 && text[begin - 1] != 'v')) return std::nullopt;
    return parse_version(text.substr(begin, text.find_first_not_of("0123456789.", begin) - begin));
}

/// The value behind `Name:` at the start of a line, empty if there is none.
std::string field_of(const std::string& text, const std::string& name) {
    const std::size_t at = ("\n" + text).find("\n" + name + ":");
    if (at == std::string::npos) return "";
    const std::size_t begin = text.find_first_not_of(" \t", at + name.size() + 1);
    if (begin == std::string::npos || text[begin] == '\n') return "";
    return text.substr(begin, text.find('\n', begin) - begin);
}

Result<> check_buildx(const Edges& edges) {
    SAGEBUILD_TRY(const ProcessResult answer, edges.processes.run({.arguments = {"docker", "buildx", "version"}}));
    if (answer.exit_code != 0) {
        return Diagnostic{
            .code = "SB0512",
            .what = "this docker has no buildx",
            .hints = {"install it: `apt-get install docker-buildx` (Debian) or docker-buildx-plugin (Docker's packages)", way_out},
            .causes = {exit_cause("docker buildx version", answer), last_lines(answer.error_output + answer.output, 1)}};
    }
    const auto version = find_version(answer.output);
    if (version && *version < oldest_buildx()) {
        return Diagnostic{.code = "SB0513",
                          .what = "buildx " + version->to_string() + " is too old: docker-bake.hcl needs " + oldest_buildx().to_string(),
                          .hints = {"update docker-buildx, or put a newer one into ~/.docker/cli-plugins", way_out}};
    }
    return Unit{};
}

}  // namespace

Result<DockerBuilder> find_docker_builder(const Edges& edges, const std::string& builder) {
    if (edges.processes.find_program("docker").empty())
        return Diagnostic{.code = "SB0510", .what = "docker is not on PATH", .hints = {"install docker and docker-buildx", way_out}};
    SAGEBUILD_CHECK(check_buildx(edges));
    Command inspect{.arguments = {"docker", "buildx", "inspect"}};
    if (!builder.empty()) inspect.arguments.push_back(builder);
    SAGEBUILD_TRY(const ProcessResult answer, edges.processes.run(inspect));
    if (answer.exit_code != 0) {
        return Diagnostic{.code = "SB0515",
                          .what = builder.empty() ? "buildx has no builder that can be used" : "`" + builder + "` is no builder of buildx",
                          .hints = {"`docker buildx ls` lists the builders", way_out},
                          .causes = {last_lines(answer.error_output + answer.output, 1)}};
    }
    if (const std::string reason = field_of(answer.output, "Error"); !reason.empty()) {
        return Diagnostic{.code = "SB0511",
                          .what = "no engine answers behind the builder `" + field_of(answer.output, "Name") + "`",
                          .hints = {"start it, or name another with `--builder` or DOCKER_HOST", way_out},
                          .causes = {reason}};
    }
    return DockerBuilder{field_of(answer.output, "Name"), field_of(answer.output, "Driver")};
}

Result<bool> has_docker_image(const Edges& edges, const std::string& image) {
    SAGEBUILD_TRY(const ProcessResult answer,
                  edges.processes.run({.arguments = {"docker", "image", "inspect", "--format", "{{.Id}}", image}}));
    return answer.exit_code == 0;
}

}  // namespace sagebuild
