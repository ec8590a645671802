#include "cli/step.hpp"

#include <memory>

#include "app/container_steps.hpp"
#include "app/host_library.hpp"
#include "app/matrix_load.hpp"
#include "app/toolchain.hpp"
#include "app/wheel_build.hpp"
#include "text/recipe_json.hpp"

namespace sagebuild {

namespace {

template <typename Kind>
using StepFunction = Result<> (*)(const Kind&, const Edges&);

template <typename Kind>
Result<> run_step(const Edges& edges, const std::string& path, StepFunction<Kind> run) {
    SAGEBUILD_TRY(const std::string text, edges.files.read(path));
    SAGEBUILD_TRY(const Recipe recipe, parse_recipe(text));
    if (const Kind* step = std::get_if<Kind>(&recipe)) return run(*step, edges);
    return Diagnostic{.code = "SB0505",
                      .what = "the recipe of a build step cannot be read",
                      .causes = {"`" + path + "` is the recipe of another kind of step"}};
}

template <typename Kind>
void register_kind(CLI::App& parent, Application& application, const std::string& name, StepFunction<Kind> run) {
    CLI::App* command = parent.add_subcommand(name, "one step of a build");
    auto path = std::make_shared<std::string>();
    command->add_option("RECIPE", *path, "file that `sagebuild build` wrote")->required();
    command->callback([&application, path, run] {
        if (const Result<> done = run_step(application.edges, *path, run); !done) application.report(done.errors());
    });
}

void add_container_options(CLI::App& command, ContainerStep& step) {
    step.version = SAGEBUILD_VERSION;
    command.add_option("--cuda", step.cuda, "toolkit of the images")->required();
    command.add_option("--archs", step.archs, "what TORCH_CUDA_ARCH_LIST holds")->required();
    command.add_option("--device", step.device_directory, "output of the device stage")->required();
}

/// Runs a step of a container build over the matrix of the working directory.
template <typename Run>
void run_in_container(Application& application, Run run) {
    const Result<> done = [&]() -> Result<> {
        SAGEBUILD_TRY(const LoadedMatrix loaded, load_matrix(application.edges, ""));
        return run(loaded);
    }();
    if (!done) application.report(done.errors());
}

void register_container_library(CLI::App& parent, Application& application) {
    struct Options {
        ContainerStep step;
        std::string package, cpu, output;
    };
    CLI::App* command = parent.add_subcommand("container-library", "host library of a container build");
    auto options = std::make_shared<Options>();
    add_container_options(*command, options->step);
    command->add_option("--package", options->package, "distribution name")->required();
    command->add_option("--cpu", options->cpu, "CPU of the host")->required();
    command->add_option("--output", options->output, "file to write")->required();
    command->callback([&application, options] {
        run_in_container(application, [&](const LoadedMatrix& loaded) {
            return build_container_library(options->step, options->package, options->cpu, options->output, loaded, application.edges);
        });
    });
}

void register_container_wheel(CLI::App& parent, Application& application) {
    struct Options {
        ContainerStep step;
        ContainerWheel wheel;
    };
    CLI::App* command = parent.add_subcommand("container-wheel", "one wheel of a container build");
    auto options = std::make_shared<Options>();
    add_container_options(*command, options->step);
    command->add_option("--target", options->wheel.target, "name of the target")->required();
    command->add_option("--python", options->wheel.python, "Python of the row");
    command->add_option("--torch", options->wheel.torch, "torch of the row");
    command->add_option("--library", options->wheel.library, "the host library")->required();
    command->add_option("--out", options->wheel.out, "directory of the wheel")->required();
    command->callback([&application, options] {
        run_in_container(application, [&](const LoadedMatrix& loaded) {
            return build_container_wheel(options->step, options->wheel, loaded, application.edges);
        });
    });
}

}  // namespace

void register_step(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("step", "run one step of a build");
    command->group("");
    command->require_subcommand(1);
    register_kind(*command, application, "toolchain", run_toolchain_step);
    register_kind(*command, application, "host-library", run_host_library_step);
    register_kind(*command, application, "wheel", run_wheel_step);
    register_container_library(*command, application);
    register_container_wheel(*command, application);
}

}  // namespace sagebuild
