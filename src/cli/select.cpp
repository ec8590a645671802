#include "cli/select.hpp"

#include <cstdio>
#include <memory>
#include <ostream>

#include "app/select.hpp"
#include "cli/matrix_option.hpp"
#include "text/select_json.hpp"
#include "text/select_text.hpp"

namespace sagebuild {

namespace {

struct SelectOptions {
    SelectRequest request;
    bool json = false;
    bool all = false;
};

std::string time_text(const SelectReport& report) {
    char text[80];
    std::snprintf(text, sizeof text, "%zu wheels judged and ordered in %.1f ms", report.candidates.size(), report.seconds * 1e3);
    return text;
}

void select(Application& application, SelectOptions options) {
    options.request.matrix_directory = application.matrix_directory;
    const auto report = select_from(application.edges, options.request);
    if (!report) return application.report(report.errors());
    if (!report->warnings.empty()) application.report(report->warnings);
    for (const std::string& note : report->notes) application.err << "note: " << printable(note) << "\n";
    application.debug(time_text(*report));
    const bool has_pick = report->selection.pick() != nullptr;
    if (options.json) {
        application.out << render_selection_json(report->selection, report->candidates);
    } else if (has_pick || options.all || !report->selection.acceptable.empty()) {
        application.out << render_selection(report->selection, report->candidates, report->environment, options.all);
    }
    application.out.flush();
    if (has_pick) return;
    if (options.json) {
        application.exit_code = ExitCode::input;
    } else {
        application.report({explain_no_pick(*report, options.request.project)});
    }
}

void add_environment_options(CLI::App& command, EnvironmentOptions& environment) {
    CLI::Option* file = command.add_option("--environment", environment.file, "JSON file that describes the environment (docs/select.md)");
    CLI::Option* dockerfile = command.add_option("--dockerfile", environment.dockerfile, "Dockerfile whose image the wheel is for");
    CLI::Option* probe =
        command
            .add_option_function<std::vector<std::string>>(
                "--probe",
                [&environment](const std::vector<std::string>& words) { environment.probe = words.empty() ? "" : words.front(); },
                "ask this machine and a Python (default: the active one)")
            ->type_name("PYTHON")
            ->expected(0, 1);
    file->excludes(dockerfile)->excludes(probe);
    dockerfile->excludes(probe);
    command.add_option("--python", environment.python, "Python, such as 3.12 or 3.13t")->type_name("VERSION");
    command.add_option("--torch", environment.torch, "torch with its variant, such as 2.9.1+cu129")->type_name("VERSION");
    command.add_option("--driver", environment.driver, "NVIDIA's driver, such as 575.57.08")->type_name("VERSION");
    command.add_option("--gpu", environment.gpus, "compute capability or name of a GPU, such as 8.9 or \"RTX 4090\"; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--glibc", environment.glibc, "C library, such as 2.39")->type_name("VERSION");
    command.add_option("--os", environment.os, "linux, windows or macos")->check(CLI::IsMember({"linux", "windows", "macos"}));
    command.add_option("--arch", environment.arch, "CPU: x86_64 or aarch64");
}

}  // namespace

void register_select(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("select", "which of many wheels fits an environment, and why the others do not");
    auto options = std::make_shared<SelectOptions>();
    add_environment_options(*command, options->request.environment);
    CLI::App* wheels = command->add_option_group("wheels", "what to choose from");
    wheels->add_option("--names", options->request.names_files, "file with a wheel name or a JSON object a line; may be repeated")
        ->allow_extra_args(false);
    wheels
        ->add_option("--from", options->request.from,
                     "directory of wheels, wheel, index page or release (docs/wheel-sources.md); may be repeated")
        ->allow_extra_args(false);
    wheels->require_option(1, 0);
    command->add_option("--project", options->request.project, "the wanted distribution (default: any)");
    command->add_flag("--json", options->json, "the answer as JSON");
    command->add_flag("--all", options->all, "list every wheel with its reason");
    add_matrix_option(*command, application);
    command->callback([&application, options] { select(application, *options); });
}

}  // namespace sagebuild
