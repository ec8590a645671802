#include "cli/step.hpp"

#include <memory>

#include "app/host_library.hpp"
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

}  // namespace

void register_step(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("step", "run one step of a build");
    command->group("");
    command->require_subcommand(1);
    register_kind(*command, application, "toolchain", run_toolchain_step);
    register_kind(*command, application, "host-library", run_host_library_step);
    register_kind(*command, application, "wheel", run_wheel_step);
}

}  // namespace sagebuild
