#include "cli/matrix_export.hpp"

#include <memory>
#include <ostream>

#include "app/matrix_load.hpp"
#include "cli/matrix_option.hpp"
#include "core/job_matrix.hpp"
#include "core/selector.hpp"
#include "text/matrix_export.hpp"

namespace sagebuild {

namespace {

struct ExportOptions {
    std::vector<std::string> selector;
    std::string format;
    std::string shard_by = "target";
};

Result<std::string> render_export(const Application& application, const ExportOptions& options) {
    SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, application.matrix_directory));
    SAGEBUILD_TRY(const std::vector<Target> targets, select_targets(loaded.targets, loaded.matrix, options.selector));
    if (options.format == "csv") return render_targets_csv(targets);
    if (options.format == "md") return render_targets_markdown(targets);
    SAGEBUILD_TRY(const std::vector<Job> jobs, make_jobs(targets, options.shard_by == "cuda" ? ShardBy::cuda : ShardBy::target));
    return render_jobs_json(jobs, loaded.matrix);
}

void export_targets(Application& application, const ExportOptions& options) {
    if (options.shard_by != "target" && options.format != "gha") {
        return application.report(
            {{.code = "SB0321",
              .what = "`--shard-by " + options.shard_by + "` cuts a run into jobs, and `--format " + options.format + "` lists targets",
              .hints = {"`--format gha` has jobs"}}});
    }
    const Result<std::string> text = render_export(application, options);
    if (!text) return application.report(text.errors());
    application.out << *text;
}

}  // namespace

void register_matrix_export(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("export", "the targets as a job matrix for GitHub Actions, as CSV or as a table for docs");
    auto options = std::make_shared<ExportOptions>();
    command->add_option("SELECTOR", options->selector,
                        "targets, groups, globs; python= torch= cuda= package= arch= kind= narrow (default: every target)");
    command->add_option("--format", options->format, "gha, csv or md")->check(CLI::IsMember({"gha", "csv", "md"}))->required();
    command->add_option("--shard-by", options->shard_by, "what a job of gha makes: one target, or cuda: all targets of one toolkit")
        ->check(CLI::IsMember({"target", "cuda"}))
        ->capture_default_str();
    add_matrix_option(*command, application);
    command->callback([&application, options] { export_targets(application, *options); });
}

}  // namespace sagebuild
