#include "app/bake.hpp"

#include <algorithm>
#include <optional>

#include "app/bake_selection.hpp"
#include "app/program_failure.hpp"
#include "text/bake_json.hpp"
#include "text/ninja.hpp"

namespace sagebuild {

namespace {

bool is_set(const Environment& environment, const char* name) {
    const auto value = environment.variable(name);
    return value && !value->empty();
}

/// Which caches a build can use.
struct Caches {
    bool has_gha = false;
    std::string line;
};

/// buildx takes the gha cache from the runtime's token and address, and its `docker` driver cannot use that cache.
Caches find_caches(const DockerBuilder& builder, const Environment& environment) {
    const std::string store = "caches: the store of builder `" + builder.name + "` is on";
    if (!is_set(environment, "ACTIONS_RUNTIME_TOKEN")) {
        const bool in_actions = is_set(environment, "GITHUB_ACTIONS");
        return {false, store + "; gha is off: " +
                           (in_actions ? "this job does not expose ACTIONS_RUNTIME_TOKEN to its steps" : "not in GitHub Actions")};
    }
    if (builder.driver == "docker") return {false, store + "; gha is off: the driver `docker` cannot use it"};
    return {true, store + "; gha is on, one scope per package and toolkit"};
}

std::vector<std::string> bake_command(const BakeRequest& request, const std::vector<const BakeTarget*>& targets, bool has_gha,
                                      const std::string& project_root, const Edges& edges) {
    std::vector<std::string> command = {"docker", "buildx", "bake"};
    if (!request.builder.empty()) command.insert(command.end(), {"--builder", request.builder});
    if (!request.progress.empty()) command.insert(command.end(), {"--progress", request.progress});
    if (request.no_cache) command.push_back("--no-cache");
    if (!has_gha) command.insert(command.end(), {"--set", "*.cache-from=", "--set", "*.cache-to="});
    if (!request.out.empty()) {
        const std::string out = edges.files.absolute(request.out);
        for (const BakeTarget* target : targets) {
            if (target->stage == "wheel") command.insert(command.end(), {"--set", target->name + ".output=type=local,dest=" + out});
        }
        // buildx asks before it writes outside its working directory.
        if (!out.starts_with(project_root + "/")) command.push_back("--allow=fs.write=" + out);
    }
    for (const std::string& set : request.sets) command.insert(command.end(), {"--set", set});
    command.insert(command.end(), request.names.begin(), request.names.end());
    return command;
}

/// What stands between two texts on a line, nothing if they are not there.
std::optional<std::string> between(const std::string& line, const std::string& begin, const std::string& end) {
    const std::size_t at = line.rfind(begin);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t from = at + begin.size(), to = line.find(end, from);
    if (to == std::string::npos) return std::nullopt;
    return line.substr(from, to - from);
}

/// Keeps of buildx' output what explains a failure.
class BakeLog {
  public:
    void read(std::string_view text) {
        const std::string line(text);
        if (m_all.size() < most_bytes) m_all += line + "\n";
        // `docker.io/nvidia/cuda:12.9.1-devel-ubuntu24.04: failed to do request: ...`
        if (line.starts_with("ERROR: ")) {
            if (const auto image = between(line, "failed to resolve source metadata for ", ": ")) {
                m_image = *image;
                m_image_cause = line.substr(line.rfind(*image) + image->size() + 2);
            }
        }
        // Steps quote their programs as `#12 3.456 error[SB0309]: ...`, once while they run and once at the end.
        for (const char* mark : {"compile-device: ", "error[SB"}) {
            const std::size_t at = line.find(mark);
            if (at == std::string::npos) continue;
            const std::string said = line.substr(at);
            if (std::find(m_said.begin(), m_said.end(), said) == m_said.end() && m_said.size() < most_lines) m_said.push_back(said);
        }
    }

    Diagnostic explain(const ProcessResult& result, const Command& command) const {
        if (!m_image.empty()) return explain_image();
        Diagnostic error{.code = "SB0516", .what = "`docker buildx bake` ended with exit code " + std::to_string(result.exit_code)};
        if (m_said.empty()) {
            error.causes = {last_lines(m_all, most_lines)};
        } else {
            error.causes = m_said;
        }
        error.notes = {"the command was: " + render_command(command.arguments)};
        return error;
    }

  private:
    Diagnostic explain_image() const {
        const std::string library = "docker.io/library/device-";
        if (m_image.starts_with(library)) {
            const std::string compiler = m_image.substr(library.size(), m_image.find(':', library.size()) - library.size());
            return {.code = "SB0516",
                    .what = "`" + compiler + "` is no device compiler",
                    .hints = {"DEVICE_COMPILER is nvcc, of the base image, or nvrtc, of pinned wheels"}};
        }
        const std::string hub = "docker.io/";
        const std::string name = m_image.starts_with(hub) ? m_image.substr(hub.size()) : m_image;
        Diagnostic error{.code = "SB0514", .what = "image `" + name + "` cannot be pulled"};
        error.causes = {m_image_cause};
        error.hints = {"another image in its place: `--set '*.contexts." + name + "=docker-image://IMAGE'`"};
        if (name.find("cuda") != std::string::npos) {
            error.hints.emplace_back("a mirror: the environment variable CUDA_REPOSITORY");
            error.hints.emplace_back("DEVICE_COMPILER=nvrtc needs no CUDA image, `sagebuild build --engine local` no Docker");
        } else {
            error.hints.emplace_back("`sagebuild build --engine local` needs no Docker");
        }
        return error;
    }

    static constexpr std::size_t most_bytes = std::size_t{1} << 24;
    static constexpr std::size_t most_lines = 12;
    std::string m_all;
    std::string m_image, m_image_cause;
    std::vector<std::string> m_said;
};

/// What SYSTEM_IMAGE is where the variable is unset: the default of the Dockerfile's argument.
std::string default_system_image(const BakeFiles& files, const std::string& dockerfile) {
    for (const RenderedFile& file : files.files) {
        if (file.path == dockerfile) return between(file.bytes, "ARG SYSTEM_IMAGE=", "\n").value_or("");
    }
    return "";
}

}  // namespace

Result<BakeReport> bake(const BakeRequest& request, const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges,
                        const std::function<void(std::string_view)>& on_line) {
    SAGEBUILD_CHECK(check_bake_files(files, loaded, edges));
    SAGEBUILD_TRY(const DockerBuilder builder, find_docker_builder(edges, request.builder));
    const Caches caches = find_caches(builder, edges.environment);
    on_line(caches.line);
    const std::vector<const BakeTarget*> targets = find_bake_targets(files.bake, request.names);
    const Command command{.arguments = bake_command(request, targets, caches.has_gha, loaded.project_root, edges),
                          .directory = loaded.project_root,
                          .joins_outputs = true};
    BakeLog log;
    SAGEBUILD_TRY(const ProcessResult result, edges.processes.run_lines(command, [&](std::string_view line) {
        log.read(line);
        on_line(line);
    }));
    if (result.interrupted) return BakeReport{{}, true};
    if (result.exit_code != 0) return log.explain(result, command);
    BakeReport report;
    const std::string out = request.out.empty() ? loaded.project_root + "/dist" : request.out;
    for (const Target& target : loaded.targets.targets) {
        const bool is_wheel =
            std::any_of(targets.begin(), targets.end(), [&](const BakeTarget* each) { return each->name == target.name; });
        if (is_wheel && edges.files.is_file(out + "/" + target.wheel)) report.wheels.push_back(out + "/" + target.wheel);
    }
    return report;
}

Result<std::string> explain_no_docker(const BakeFiles& files, const std::vector<std::string>& names, const Edges& edges) {
    const Result<DockerBuilder> builder = find_docker_builder(edges, "");
    if (!builder) return builder.errors().front().what;
    // Who set up a builder of another driver wants it to pull; what it holds cannot be asked.
    if (builder->driver != "docker") return std::string();
    const VariableLookup variables = [&](const std::string& name) { return edges.environment.variable(name); };
    for (const BakeTarget* target : find_bake_targets(files.bake, names)) {
        const auto argument = [&](const char* name) { return find_bake_argument(files.bake, *target, name, variables); };
        std::vector<std::string> images = {
            argument("SYSTEM_IMAGE").value_or(default_system_image(files, files.bake.with_inherited(*target).dockerfile))};
        if (argument("DEVICE_COMPILER") == "nvcc") images.push_back(argument("CUDA_IMAGE").value_or(""));
        for (const std::string& image : images) {
            SAGEBUILD_TRY(const bool is_here, has_docker_image(edges, image));
            if (!is_here) return "the engine does not hold `" + image + "`, which `--engine docker` would pull";
        }
    }
    return std::string();
}

}  // namespace sagebuild
