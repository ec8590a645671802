#include "cli/matrix_show.hpp"

#include <memory>
#include <ostream>

#include "app/build_places.hpp"
#include "app/matrix_load.hpp"
#include "app/target_plan.hpp"
#include "cli/matrix_option.hpp"
#include "core/cuda_image.hpp"
#include "core/nearest.hpp"
#include "core/text_list.hpp"
#include "text/target_table.hpp"

namespace sagebuild {

namespace {

Diagnostic unknown_target(const TargetSet& set, const std::string& name) {
    Diagnostic error{.code = "SB0224", .what = "`" + name + "` is not a target"};
    if (const Group* group = set.find_group(name)) {
        error.what += " but a group of " + std::to_string(group->targets.size());
        error.hints.push_back("`sagebuild matrix list " + name + "` lists them");
        return error;
    }
    const auto names = map_items(set.targets, [](const Target& target) { return target.name; });
    error.nearest = find_nearest(name, names);
    if (error.nearest.empty()) error.hints.push_back("`sagebuild matrix list --format names` lists all targets");
    return error;
}

/// The steps of a build of this target alone, or why there are none.
std::string describe_steps(const Application& application, const LoadedMatrix& loaded, const Target& target) {
    const auto plan = [&]() -> Result<Plan> {
        SAGEBUILD_TRY(const BuildPlaces places, find_build_places(application.edges, loaded.project_root, ""));
        return plan_targets(application.edges, loaded, {target}, places, SAGEBUILD_VERSION);
    }();
    std::string text = "  steps\n";
    if (!plan) {
        for (const Diagnostic& error : plan.errors()) text += "    none: " + error.what + "\n";
        return text;
    }
    for (const Step& step : plan->steps) text += "    " + step.id + "\n";
    return text;
}

/// The image whose nvcc compiles in containers.
std::string describe_container(const LoadedMatrix& loaded, const Target& target) {
    const CudaImage image = choose_cuda_image(target.images_cuda, loaded.compat);
    return "  container " + loaded.compat.images.repository + ":" + image.tag + (image.note.empty() ? "" : ", " + image.note) + "\n";
}

void show_target(Application& application, const std::string& name) {
    const auto loaded = load_matrix(application.edges, application.matrix_directory);
    if (!loaded) return application.report(loaded.errors());
    const Target* target = loaded->targets.find(name);
    if (target == nullptr) return application.report({unknown_target(loaded->targets, name)});
    application.out << render_target(*target) << describe_container(*loaded, *target) << describe_steps(application, *loaded, *target);
}

}  // namespace

void register_matrix_show(CLI::App& parent, Application& application) {
    CLI::App* command = parent.add_subcommand("show", "one target in full: archs with reasons, units, wheel, groups");
    auto name = std::make_shared<std::string>();
    command->add_option("TARGET", *name, "name of the target")->required();
    add_matrix_option(*command, application);
    command->callback([&application, name] { show_target(application, *name); });
}

}  // namespace sagebuild
