#include "app/select.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "app/candidates.hpp"
#include "app/dockerfile_environment.hpp"
#include "app/image_environment.hpp"
#include "app/matrix_load.hpp"
#include "app/probe.hpp"
#include "core/gpu_names.hpp"
#include "core/text_list.hpp"
#include "text/candidate_names.hpp"
#include "text/environment_json.hpp"
#include "text/select_text.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t largest_environment = std::size_t{1} << 20;
constexpr std::size_t largest_names_file = std::size_t{64} << 20;

Diagnostic wrong_option(const std::string& option, const std::string& value, const std::string& example) {
    return {.code = "SB0423", .what = "`" + printable(value, 80) + "` of `--" + option + "` is not a version such as `" + example + "`"};
}

/// `3.13t` is the free-threaded build.
Result<Unit> apply_python(const std::string& text, WheelEnvironment& environment) {
    const bool is_free_threaded = text.ends_with('t');
    const auto version = parse_version(is_free_threaded ? text.substr(0, text.size() - 1) : text);
    if (!version || version->size() < 2) return wrong_option("python", text, "3.12");
    environment.python = version;
    environment.free_threaded = is_free_threaded;
    return Unit{};
}

Result<Unit> apply_torch(const std::string& text, WheelEnvironment& environment) {
    environment.torch_cuda.reset();
    environment.torch_is_cpu = false;
    environment.torch_cxx11_abi.reset();
    if (!parse_torch(text, environment)) return wrong_option("torch", text, "2.9.1+cu129");
    return Unit{};
}

Result<Unit> apply_gpus(const std::vector<std::string>& gpus, const Compat& compat, WheelEnvironment& environment) {
    Diagnostics errors;
    environment.sm.emplace();
    for (const std::string& text : gpus) {
        auto gpu = find_gpu(text, compat);
        if (gpu) {
            environment.sm->push_back(*gpu);
        } else {
            errors.push_back(gpu.errors().front());
        }
    }
    if (!errors.empty()) return errors;
    return Unit{};
}

/// Wheels of places join those of names files; what a place knows of a wheel outranks its mere name.
Result<Unit> add_offered(const Edges& edges, const SelectRequest& request, SelectReport& report) {
    SAGEBUILD_TRY(CandidateList offered, load_candidates({request.from, request.project}, edges));
    report.notes.insert(report.notes.end(), offered.notes.begin(), offered.notes.end());
    std::unordered_map<std::string, std::size_t> known;
    for (const WheelCandidate& candidate : report.candidates) known.emplace(candidate.name, known.size());
    for (WheelCandidate& candidate : offered.candidates) {
        const auto [place, is_new] = known.emplace(candidate.name, report.candidates.size());
        if (is_new) {
            report.candidates.push_back(std::move(candidate));
        } else if (report.candidates[place->second].location.empty()) {
            if (!candidate.content) candidate.content = report.candidates[place->second].content;
            report.candidates[place->second] = std::move(candidate);
        }
    }
    return Unit{};
}

/// What the options are laid over.
Result<WheelEnvironment> load_base(const Edges& edges, const EnvironmentOptions& options, const Compat& compat, SelectReport& report) {
    if (!options.file.empty()) {
        SAGEBUILD_TRY(const std::string bytes, edges.files.read(options.file, largest_environment));
        SAGEBUILD_TRY(EnvironmentReading reading, parse_environment_json(bytes, options.file));
        report.warnings = std::move(reading.warnings);
        return std::move(reading.environment);
    }
    if (!options.dockerfile.empty()) {
        SAGEBUILD_TRY(DockerfileEnvironment read, load_dockerfile_environment(edges, compat, options.dockerfile, {}));
        report.notes = std::move(read.notes);
        return std::move(read.environment);
    }
    if (!options.image.empty()) {
        SAGEBUILD_TRY(ImageEnvironment read, read_image_environment(options.image, edges));
        report.notes = std::move(read.notes);
        return std::move(read.environment);
    }
    if (options.probe) {
        SAGEBUILD_TRY(ProbeReport probed, probe_environment(*options.probe, edges));
        report.notes = std::move(probed.notes);
        return std::move(probed.environment);
    }
    return WheelEnvironment();
}

}  // namespace

Result<WheelEnvironment> load_environment(const Edges& edges, const EnvironmentOptions& options, const Compat& compat,
                                          SelectReport& report) {
    SAGEBUILD_TRY(WheelEnvironment environment, load_base(edges, options, compat, report));
    if (options.python) SAGEBUILD_CHECK(apply_python(*options.python, environment));
    if (options.torch) SAGEBUILD_CHECK(apply_torch(*options.torch, environment));
    if (options.driver) {
        environment.driver = parse_driver_version(*options.driver);
        if (!environment.driver) return wrong_option("driver", *options.driver, "575.57.08");
    }
    if (options.glibc) {
        environment.glibc = parse_version(*options.glibc);
        if (!environment.glibc || environment.glibc->size() < 2) return wrong_option("glibc", *options.glibc, "2.39");
    }
    if (options.os) environment.os = options.os;
    if (options.arch) environment.arch = options.arch;
    if (!options.gpus.empty()) SAGEBUILD_CHECK(apply_gpus(options.gpus, compat, environment));
    return environment;
}

Result<std::vector<WheelCandidate>> load_candidate_names(const Edges& edges, const std::vector<std::string>& files, Diagnostics& warnings) {
    std::vector<WheelCandidate> candidates;
    std::unordered_set<std::string> seen;
    for (const std::string& file : files) {
        SAGEBUILD_TRY(const std::string bytes, edges.files.read(file, largest_names_file));
        SAGEBUILD_TRY(CandidateReading reading, parse_candidate_names(bytes, file));
        warnings.insert(warnings.end(), reading.warnings.begin(), reading.warnings.end());
        for (WheelCandidate& candidate : reading.candidates) {
            if (seen.insert(candidate.name).second) candidates.push_back(std::move(candidate));
        }
    }
    return candidates;
}

Result<SelectReport> select_from(const Edges& edges, const SelectRequest& request) {
    SelectReport report;
    SAGEBUILD_TRY(const Compat compat, load_compat_of(edges, request.matrix_directory));
    SAGEBUILD_TRY(report.environment, load_environment(edges, request.environment, compat, report));
    SAGEBUILD_TRY(report.candidates, load_candidate_names(edges, request.names_files, report.warnings));
    if (!request.from.empty()) SAGEBUILD_CHECK(add_offered(edges, request, report));
    const double begin = edges.clock.monotonic_seconds();
    report.selection = select_wheels(report.candidates, report.environment, request.project, compat);
    report.seconds = edges.clock.monotonic_seconds() - begin;
    return report;
}

Diagnostic explain_no_pick(const SelectReport& report, const std::string& project) {
    const WheelSelection& selection = report.selection;
    if (!selection.acceptable.empty()) {
        Diagnostic error{.code = "SB0424",
                         .what = "wheels of " + std::to_string(selection.projects.size()) + " projects fit, and none was named"};
        constexpr std::size_t shown = 10;
        std::vector<std::string> projects = selection.projects;
        if (projects.size() > shown) projects.resize(shown);
        error.notes.push_back("they are " + join_texts(projects, ", ", [](const std::string& name) { return "`" + name + "`"; }) +
                              (projects.size() < selection.projects.size() ? " and others" : ""));
        error.hints.emplace_back("say which is wanted with `--project NAME`");
        return error;
    }
    const std::string wheels = report.candidates.size() == 1 ? "1 wheel" : std::to_string(report.candidates.size()) + " wheels";
    const std::string known = describe_environment(report.environment);
    Diagnostic error{.code = "SB0420",
                     .what = "none of " + wheels + (project.empty() ? "" : " is one of `" + printable(project, 80) + "` that") + " fits" +
                             (known.empty() ? "" : " " + known)};
    if (report.candidates.empty()) error.what = "there are no wheels to choose from";
    if (!selection.rejected.empty()) {
        const JudgedWheel& nearest = selection.rejected.front();
        error.nearest.push_back(printable(report.candidates[nearest.candidate].name) + " " +
                                join_texts(nearest.misfits, ", and ", [](const Misfit& misfit) { return printable(misfit.text); }));
    }
    return error;
}

}  // namespace sagebuild
