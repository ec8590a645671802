#include "app/build.hpp"

#include <algorithm>
#include <set>

#include "app/build_places.hpp"
#include "app/target_plan.hpp"
#include "text/ninja.hpp"
#include "text/ninja_output.hpp"
#include "text/plan_record.hpp"
#include "text/recipe_json.hpp"

namespace sagebuild {

namespace {

/// Rough cost of a step against the others, for the time left.
double weight_of(StepKind kind) {
    switch (kind) {
        case StepKind::device_image:
        case StepKind::toolchain:
            return 10;
        case StepKind::host_library:
            return 5;
        case StepKind::fatbin:
        case StepKind::wheel:
            break;
    }
    return 1;
}

class ProgressClock {
  public:
    ProgressClock(const Plan& pending, const Clock& clock) : m_clock(clock), m_start(clock.monotonic_seconds()) {
        for (const Step& step : pending.steps) m_weights[step.id] = weight_of(step.kind);
        for (const auto& [id, weight] : m_weights) m_left += weight;
    }
    double elapsed() const { return m_clock.monotonic_seconds() - m_start; }
    BuildProgress advance(const NinjaProgress& progress) {
        const auto weight = m_weights.find(progress.step);
        if (weight != m_weights.end()) {
            m_done += weight->second;
            m_left -= weight->second;
        }
        const double left = m_done > 0 ? elapsed() * m_left / m_done : 0;
        return {progress.finished, progress.total, progress.step, elapsed(), left};
    }

  private:
    const Clock& m_clock;
    double m_start;
    std::map<std::string, double> m_weights;
    double m_done = 0;
    double m_left = 0;
};

Result<std::string> find_ninja(const ProcessRunner& processes) {
    for (const char* name : {"ninja", "ninja-build"}) {
        if (!processes.find_program(name).empty()) return std::string(name);
    }
    return Diagnostic{.code = "SB0506",
                      .what = "ninja is not on PATH",
                      .hints = {"install it with `apt-get install ninja-build` or `pip install ninja`"}};
}

PlanRecord load_record(const FileSystem& files, const std::string& path) {
    if (!files.is_file(path)) return {};
    const Result<std::string> text = files.read(path);
    return text ? parse_plan_record(*text) : PlanRecord();
}

class Build {
  public:
    Build(const BuildRequest& request, const LoadedMatrix& loaded, const Edges& edges, BuildObserver& observer, BuildPlaces places)
        : m_request(request), m_loaded(loaded), m_edges(edges), m_observer(observer), m_places(std::move(places)) {}

    Result<BuildReport> run() {
        if (m_request.dry_run) {
            SAGEBUILD_CHECK(outline());
            return std::move(m_report);
        }
        SAGEBUILD_TRY(const auto lock,
                      m_edges.files.lock(m_places.build_directory + "/lock", [this] { m_observer.on_wait(m_places.build_directory); }));
        SAGEBUILD_CHECK(outline());
        if (!m_report.outline.pending.steps.empty()) SAGEBUILD_CHECK(run_ninja());
        if (m_report.interrupted) return std::move(m_report);
        SAGEBUILD_CHECK(deliver());
        return std::move(m_report);
    }

  private:
    std::string record_path() const { return m_places.build_directory + "/plan.json"; }

    Result<> outline() {
        BuildOutline& outline = m_report.outline;
        SAGEBUILD_TRY(outline.plan, plan_targets(m_edges, m_loaded, m_request.targets, m_places, m_request.version));
        outline.pending = pending_steps(outline.plan, [this](const std::string& path) { return m_edges.files.is_file(path); });
        const PlanRecord record = load_record(m_edges.files, record_path());
        for (const Step& step : outline.pending.steps) outline.reasons[step.id] = explain_step(step, record);
        m_observer.on_outline(outline);
        return Unit{};
    }

    Result<> run_ninja() {
        SAGEBUILD_TRY(const std::string ninja, find_ninja(m_edges.processes));
        const Plan& pending = m_report.outline.pending;
        SAGEBUILD_CHECK(remove_leftovers());
        const std::string executable = m_edges.environment.executable();
        const NinjaSettings settings{m_places.build_directory, executable, executable + "-device"};
        for (const Step& step : pending.steps) {
            const std::string path = recipe_path(step, m_places.build_directory);
            if (!path.empty()) SAGEBUILD_CHECK(m_edges.files.write_if_changed(path, render_recipe(step.recipe)));
        }
        const std::string file = m_places.build_directory + "/build.ninja";
        SAGEBUILD_CHECK(m_edges.files.write_if_changed(file, render_ninja(pending, settings)));
        Command command{.arguments = {ninja, "-f", file}, .directory = m_places.project_root};
        if (m_request.jobs > 0) command.arguments.insert(command.arguments.end(), {"-j", std::to_string(m_request.jobs)});
        command.environment["NINJA_STATUS"] = ninja_status;
        NinjaOutput output;
        ProgressClock clock(pending, m_edges.clock);
        SAGEBUILD_TRY(const ProcessResult result, m_edges.processes.run_lines(command, [&](std::string_view line) {
            if (const auto progress = output.read_line(line)) m_observer.on_progress(clock.advance(*progress));
        }));
        m_report.seconds = clock.elapsed();
        m_report.interrupted = result.interrupted;
        SAGEBUILD_CHECK(store_record());
        if (result.interrupted || result.exit_code == 0) return Unit{};
        return explain(output, result, command);
    }

    /// What a killed build left under temporary names. The lock is held, so nobody writes here; the outputs themselves are whole.
    Result<> remove_leftovers() {
        const std::map<std::string, std::set<std::string>> endings = {
            {"images", {".cubin", ".ptx"}}, {"fatbins", {".fatbin"}}, {"libraries", {".so"}}, {"recipes", {".json"}}};
        constexpr std::size_t key_size = 32;
        for (const auto& [folder, known] : endings) {
            const std::string directory = m_places.build_directory + "/" + folder;
            if (!m_edges.files.is_directory(directory)) continue;
            SAGEBUILD_TRY(const std::vector<std::string> names, m_edges.files.list(directory));
            for (const std::string& name : names) {
                if (name.size() > key_size && !known.contains(name.substr(key_size)))
                    SAGEBUILD_CHECK(m_edges.files.remove_tree(directory + "/" + name));
            }
        }
        return Unit{};
    }

    /// Remembers the keys of all steps that are done, for the next --explain.
    Result<> store_record() {
        PlanRecord record = load_record(m_edges.files, record_path());
        for (const Step& step : m_report.outline.plan.steps) {
            if (m_edges.files.is_file(step.output)) record[step.id] = step.key_text;
        }
        SAGEBUILD_CHECK(m_edges.files.write_if_changed(record_path(), render_plan_record(record)));
        return Unit{};
    }

    Diagnostics explain(const NinjaOutput& output, const ProcessResult& result, const Command& command) const {
        Diagnostics errors;
        for (const NinjaFailure& failure : output.failures()) {
            if (const Step* step = m_report.outline.plan.find(failure.step)) errors.push_back(explain_failure(*step, failure));
        }
        if (!errors.empty()) return errors;
        Diagnostic error{.code = "SB0504", .what = "ninja ended with exit code " + std::to_string(result.exit_code)};
        std::string said = result.error_output;
        for (const std::string& line : output.other_lines()) said += line + "\n";
        while (said.ends_with('\n')) said.pop_back();
        if (!said.empty()) error.causes = {said};
        error.notes = {"the command was: " + render_command(command.arguments)};
        return {error};
    }

    Result<> deliver() {
        for (const Target& target : m_request.targets) {
            const Step* step = m_report.outline.plan.find("wheel " + target.name);
            SAGEBUILD_TRY(const std::string bytes, m_edges.files.read(step->output));
            BuiltWheel wheel{.target = target, .path = m_request.out + "/" + target.wheel, .size = bytes.size()};
            SAGEBUILD_TRY(wheel.is_new, m_edges.files.write_if_changed(wheel.path, bytes));
            m_report.wheels.push_back(std::move(wheel));
        }
        return Unit{};
    }

    const BuildRequest& m_request;
    const LoadedMatrix& m_loaded;
    const Edges& m_edges;
    BuildObserver& m_observer;
    BuildPlaces m_places;
    BuildReport m_report;
};

}  // namespace

Result<BuildReport> build(const BuildRequest& request, const LoadedMatrix& loaded, const Edges& edges, BuildObserver& observer) {
    SAGEBUILD_TRY(BuildPlaces places, find_build_places(edges, loaded.project_root, request.build_directory));
    return Build(request, loaded, edges, observer, std::move(places)).run();
}

}  // namespace sagebuild
