#include "app/requirements.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "app/candidates.hpp"
#include "app/matrix_load.hpp"
#include "text/dockerfile_requirements.hpp"
#include "text/requirements_reader.hpp"
#include "text/toml_requirements.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t most_includes = 100;

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void append(Diagnostics& problems, const Diagnostics& more) {
    problems.insert(problems.end(), more.begin(), more.end());
}

class RequirementsLoader {
  public:
    RequirementsLoader(const RequirementsRequest& request, const Edges& edges, const Compat& compat, WheelEnvironment given)
        : m_request(request), m_edges(edges), m_compat(compat), m_given(std::move(given)) {}

    LoadedRequirements load() {
        m_common = m_given;
        for (const std::string& path : m_request.files) {
            if (format_of(path) == RequirementFormat::dockerfile) read_dockerfile(path);
        }
        for (const std::string& path : m_request.files) {
            RequirementGroup group;
            m_seen.clear();
            m_stages.clear();
            read(path, 0, group);
            m_out.groups.push_back(std::move(group));
            m_out.environments.push_back(m_stages.empty() ? m_common : m_given);
            m_out.stages.push_back(m_stages);
        }
        return std::move(m_out);
    }

  private:
    struct ReadDockerfile {
        RequirementFile file;
        WheelEnvironment environment;  ///< of the stage that was asked for
        std::map<int, WheelEnvironment> stages;
        std::vector<std::string> notes;
    };

    Result<ReadDockerfile> parse(const std::string& path) const {
        SAGEBUILD_TRY(const std::string bytes, m_edges.files.read(path, std::size_t{1} << 28));
        SAGEBUILD_TRY(const DockerfileDocument document, parse_dockerfile(bytes, path));
        SAGEBUILD_TRY(const std::vector<DockerfileStage> stages, resolve_dockerfile(document, m_request.dockerfile.build_arguments));
        SAGEBUILD_TRY(const std::size_t stage, find_dockerfile_stage(document, stages, m_request.dockerfile.stage));
        DockerfileEnvironment read = read_dockerfile_environment(stages, stage, m_compat);
        ReadDockerfile out{find_dockerfile_requirements(document, stages), m_given, {}, std::move(read.notes)};
        complete_environment(out.environment, read.environment);
        for (std::size_t index = 0; index < stages.size(); ++index) {
            // Stages that build on each other are one scope, whose environment is that of the last of them.
            WheelEnvironment environment = m_given;
            complete_environment(environment, read_dockerfile_environment(stages, index, m_compat).environment);
            out.stages[root_of_stage(stages, index)] = std::move(environment);
        }
        return out;
    }

    void read_dockerfile(const std::string& path) {
        auto read = parse(path);
        if (!read) return;  // told when its turn comes
        if (!m_has_common) m_common = read->environment;
        m_has_common = true;
    }

    Result<RequirementFile> read_file(const std::string& path) {
        if (format_of(path) == RequirementFormat::dockerfile) {
            SAGEBUILD_TRY(ReadDockerfile read, parse(path));
            m_stages = std::move(read.stages);
            for (const std::string& note : read.notes) m_out.notes.push_back(path + ": " + note);
            return std::move(read.file);
        }
        SAGEBUILD_TRY(const std::string bytes, m_edges.files.read(path, std::size_t{1} << 28));
        switch (format_of(path)) {
            case RequirementFormat::pyproject:
                return parse_pyproject(bytes, path);
            case RequirementFormat::uv_lock:
                return parse_uv_lock(bytes, path);
            default:
                return parse_requirements(bytes, path);
        }
    }

    void read(const std::string& path, int scope, RequirementGroup& group) {
        m_seen.insert(m_edges.files.absolute(path));
        auto file = read_file(path);
        if (!file) return append(m_out.problems, file.errors());
        const std::vector<StatedInclude> includes = file->includes;
        const SourceText source = file->source;
        if (scope != 0) {
            for (StatedRequirement& requirement : file->requirements) requirement.scope = scope;
            for (StatedIndex& index : file->indexes) index.scope = scope;
        }
        group.push_back(std::move(file).value());
        for (const StatedInclude& include : includes) {
            const bool is_local = include.path.find("://") == std::string::npos && include.path.find('$') == std::string::npos;
            const std::string below = include.path.starts_with('/') ? include.path : directory_of(path) + include.path;
            if (!is_local || m_seen.contains(m_edges.files.absolute(below))) continue;
            // A Dockerfile names paths of the image; what lies beside it is taken for the same file, and read once.
            const bool is_named = std::find(m_request.files.begin(), m_request.files.end(), below) != m_request.files.end();
            if (format_of(path) == RequirementFormat::dockerfile && (is_named || !m_edges.files.is_file(below))) continue;
            if (!m_edges.files.is_file(below) || m_seen.size() >= most_includes) {
                Diagnostic problem = source.error(include.at, "SB0456", "`" + include.path + "` cannot be included");
                problem.causes.push_back(m_seen.size() >= most_includes
                                             ? "more than " + std::to_string(most_includes) + " files include each other"
                                             : "there is no file `" + below + "`");
                m_out.problems.push_back(std::move(problem));
                continue;
            }
            read(below, scope != 0 ? scope : include.scope, group);
        }
    }

    const RequirementsRequest& m_request;
    const Edges& m_edges;
    const Compat& m_compat;
    WheelEnvironment m_given;   ///< by options
    WheelEnvironment m_common;  ///< with what a Dockerfile among the files says
    bool m_has_common = false;
    std::map<int, WheelEnvironment> m_stages;
    std::set<std::string> m_seen;
    LoadedRequirements m_out;
};

/// What the options of a request stand for.
struct Prepared {
    Compat compat;
    WheelEnvironment environment;
    std::vector<WheelCandidate> candidates;
};

/// @param told warnings and notes
Result<Prepared> prepare(const RequirementsRequest& request, const Edges& edges, SelectReport& told) {
    Prepared out;
    SAGEBUILD_TRY(out.compat, load_compat_of(edges, request.matrix_directory));
    SAGEBUILD_TRY(out.environment, load_environment(edges, request.environment, out.compat, told));
    SAGEBUILD_TRY(out.candidates, load_candidate_names(edges, request.names_files, told.warnings));
    if (!request.from.empty()) {
        SAGEBUILD_TRY(const CandidateList offered, load_candidates({request.from, ""}, edges));
        out.candidates.insert(out.candidates.end(), offered.candidates.begin(), offered.candidates.end());
        told.notes.insert(told.notes.end(), offered.notes.begin(), offered.notes.end());
    }
    return out;
}

bool has_error(const Diagnostics& problems) {
    return std::any_of(problems.begin(), problems.end(), [](const Diagnostic& problem) { return problem.severity == Severity::error; });
}

}  // namespace

RequirementFormat format_of(const std::string& path) {
    std::string name = path.substr(path.rfind('/') + 1);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (name.ends_with(".toml")) return RequirementFormat::pyproject;
    if (name.ends_with(".lock")) return RequirementFormat::uv_lock;
    const bool is_text = name.ends_with(".txt") || name.ends_with(".in");
    if (!is_text && (name.find("dockerfile") != std::string::npos || name.find("containerfile") != std::string::npos))
        return RequirementFormat::dockerfile;
    return RequirementFormat::requirements;
}

Result<CheckedRequirements> check_requirement_files(const RequirementsRequest& request, const Edges& edges) {
    CheckedRequirements checked;
    SelectReport told;
    SAGEBUILD_TRY(const Prepared prepared, prepare(request, edges, told));
    checked.notes = told.notes;
    checked.problems = told.warnings;
    checked.loaded = RequirementsLoader(request, edges, prepared.compat, prepared.environment).load();
    checked.notes.insert(checked.notes.end(), checked.loaded.notes.begin(), checked.loaded.notes.end());
    append(checked.problems, checked.loaded.problems);
    for (std::size_t index = 0; index < checked.loaded.groups.size(); ++index) {
        const RequirementJudge judge{checked.loaded.environments[index], prepared.compat, prepared.candidates,
                                     checked.loaded.stages[index]};
        checked.groups.push_back(check_requirements(checked.loaded.groups[index], judge));
        append(checked.problems, checked.groups.back().problems);
    }
    return checked;
}

Result<UpdatedRequirements> update_requirement_files(const RequirementsRequest& request, const Edges& edges) {
    UpdatedRequirements updated;
    SelectReport told;
    SAGEBUILD_TRY(const Prepared prepared, prepare(request, edges, told));
    updated.notes = told.notes;
    updated.problems = told.warnings;
    const LoadedRequirements loaded = RequirementsLoader(request, edges, prepared.compat, prepared.environment).load();
    updated.notes.insert(updated.notes.end(), loaded.notes.begin(), loaded.notes.end());
    append(updated.problems, loaded.problems);
    std::set<std::string> done;
    for (std::size_t index = 0; index < loaded.groups.size(); ++index) {
        const RequirementGroup& group = loaded.groups[index];
        const RequirementJudge judge{loaded.environments[index], prepared.compat, prepared.candidates, loaded.stages[index]};
        ScopedEnvironments environments(group, judge);
        for (const RequirementFile& file : group) {
            if (!done.insert(edges.files.absolute(file.source.file())).second) continue;
            PlannedUpdate plan = plan_update(file, environments, judge, request.url_prefix);
            append(updated.problems, plan.problems);
            FileUpdate out{file.source.file(), {}, "", false};
            if (!has_error(plan.problems)) {
                const std::string bytes = apply_edits(file.source, plan.edits);
                out.changes = std::move(plan.changes);
                out.diff = render_diff(file.source, bytes);
                if (!out.diff.empty() && !request.dry_run) {
                    const auto written = edges.files.write(file.source.file(), bytes);
                    out.written = written.has_value();
                    if (!written) append(updated.problems, written.errors());
                }
            }
            updated.files.push_back(std::move(out));
        }
    }
    return updated;
}

}  // namespace sagebuild
