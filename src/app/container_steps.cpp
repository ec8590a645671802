#include "app/container_steps.hpp"

#include <algorithm>

#include "app/build_places.hpp"
#include "app/host_library.hpp"
#include "app/target_plan.hpp"
#include "app/toolchain.hpp"
#include "app/wheel_build.hpp"
#include "core/expand.hpp"
#include "core/nearest.hpp"
#include "core/text_list.hpp"
#include "text/device_plan.hpp"

namespace sagebuild {

namespace {

const char* const arch_variable = "TORCH_CUDA_ARCH_LIST";

Diagnostic wrong_argument(const std::string& what, std::string hint = "") {
    Diagnostic error{.code = "SB0309", .what = what};
    if (!hint.empty()) error.hints.push_back(std::move(hint));
    return error;
}

Result<std::vector<Located<Arch>>> parse_arch_list(const std::string& text) {
    std::vector<Located<Arch>> archs;
    std::string word;
    for (const char letter : text + " ") {
        if (letter != ' ' && letter != ',' && letter != ';') {
            word += letter;
            continue;
        }
        if (word.empty()) continue;
        const auto arch = parse_arch(word);
        if (!arch) {
            return wrong_argument("`" + word + "` of " + arch_variable + " is not an arch",
                                  "write 8.9, or several separated by spaces: \"8.9 12.0\"");
        }
        const int column = static_cast<int>(archs.size()) + 1;
        archs.push_back({*arch, {arch_variable, 1, column}, text, 1});
        word.clear();
    }
    return archs;
}

/// The matrix reduced to the row of `target`, whose arch list is the one of the build argument.
Result<LoadedMatrix> narrow(const LoadedMatrix& loaded, const Target& target, const std::string& archs) {
    SAGEBUILD_TRY(const std::vector<Located<Arch>> list, parse_arch_list(archs));
    LoadedMatrix narrowed = loaded;
    narrowed.matrix.packages.clear();
    for (PackageMatrix package : loaded.matrix.packages) {
        if (package.name.value != target.package) continue;
        std::erase_if(package.rows, [&](const Row& row) { return target.kind != TargetKind::row || row.place != target.place; });
        std::erase_if(package.universal,
                      [&](const UniversalRow& row) { return target.kind != TargetKind::universal || row.place != target.place; });
        for (const Row& row : package.rows) package.arch_lists[row.archs.value] = list;
        for (const UniversalRow& row : package.universal) package.arch_lists[row.archs.value] = list;
        package.groups.clear();
        narrowed.matrix.packages.push_back(std::move(package));
    }
    SAGEBUILD_TRY(narrowed.targets, expand_matrix(narrowed.matrix, narrowed.compat));
    return narrowed;
}

/// The plan of one target with the images of the device stage.
struct ContainerPlan {
    Target target;
    DeviceRecord record;
    Plan plan;

    template <typename Kind>
    const Kind& recipe(StepKind kind, const std::string& name = "") const {
        const auto found = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
            return step.kind == kind && (name.empty() || step.id.find(name) != std::string::npos);
        });
        return std::get<Kind>(found->recipe);
    }
};

/// What was compiled must be what the target is made of: the arch list, the plan and the matrix could disagree.
Result<> check_images(const Target& target, const DeviceRecord& record) {
    std::vector<DeviceRecord::Image> wanted;
    for (const TargetUnit& unit : target.units) {
        for (const Arch& arch : unit.archs) wanted.push_back({unit.name, arch, false});
        for (const Arch& arch : unit.ptx) wanted.push_back({unit.name, arch, true});
    }
    std::sort(wanted.begin(), wanted.end());
    if (wanted == record.images) return Unit{};
    const auto describe = [](const DeviceRecord::Image& image) {
        return image.unit + " " + image.arch.to_string() + (image.ptx ? "+ptx" : "");
    };
    Diagnostic error = wrong_argument("the device stage did not compile what `" + target.name + "` is made of",
                                      "`sagebuild bake --check` tells whether the files of dockerfiles/device/ are current");
    std::vector<DeviceRecord::Image> missing, extra;
    std::set_difference(wanted.begin(), wanted.end(), record.images.begin(), record.images.end(), std::back_inserter(missing));
    std::set_difference(record.images.begin(), record.images.end(), wanted.begin(), wanted.end(), std::back_inserter(extra));
    if (!missing.empty()) error.notes.push_back("missing: " + join_texts(missing, ", ", describe));
    if (!extra.empty()) error.notes.push_back("not wanted: " + join_texts(extra, ", ", describe));
    return error;
}

Result<ContainerPlan> plan_container(const ContainerStep& step, const Target& target, const LoadedMatrix& loaded, const Edges& edges) {
    SAGEBUILD_TRY(const LoadedMatrix narrowed, narrow(loaded, target, step.archs));
    const Target& own = *narrowed.targets.find(target.name);
    const std::string path = step.device_directory + "/record";
    SAGEBUILD_TRY(const std::string text, edges.files.read(path));
    SAGEBUILD_TRY(DeviceRecord record, parse_device_record(text, path));
    SAGEBUILD_CHECK(check_images(own, record));
    SAGEBUILD_TRY(const BuildPlaces places, find_build_places(edges, narrowed.project_root, ""));
    SAGEBUILD_TRY(Plan plan, plan_targets(edges, narrowed, {own}, places, step.version));
    return ContainerPlan{own, std::move(record), std::move(plan)};
}

}  // namespace

Result<> build_container_library(const ContainerStep& step, const std::string& package, const std::string& cpu, const std::string& output,
                                 const LoadedMatrix& loaded, const Edges& edges) {
    const auto& targets = loaded.targets.targets;
    const auto target = std::find_if(targets.begin(), targets.end(), [&](const Target& candidate) {
        return candidate.package == package && candidate.cpu == cpu && candidate.images_cuda.to_string() == step.cuda;
    });
    if (target == targets.end())
        return wrong_argument("no target of `" + package + "` for " + cpu + " has images of CUDA " + step.cuda,
                              "CUDA_VERSION is the toolkit of the target's row: `sagebuild matrix list`");
    SAGEBUILD_TRY(const ContainerPlan plan, plan_container(step, *target, loaded, edges));
    SAGEBUILD_CHECK(run_toolchain_step(plan.recipe<ToolchainRecipe>(StepKind::toolchain, "zig"), edges));
    HostLibraryRecipe recipe = plan.recipe<HostLibraryRecipe>(StepKind::host_library);
    for (HostLibraryRecipe::Images& images : recipe.images) images.fatbin = step.device_directory + "/" + images.unit + ".fatbin";
    recipe.output = output;
    return run_host_library_step(recipe, edges);
}

Result<> build_container_wheel(const ContainerStep& step, const ContainerWheel& wheel, const LoadedMatrix& loaded, const Edges& edges) {
    const Target* target = loaded.targets.find(wheel.target);
    if (target == nullptr) {
        const auto names = map_items(loaded.targets.targets, [](const Target& each) { return each.name; });
        Diagnostic error = wrong_argument("`" + wheel.target + "` is not a target");
        error.nearest = find_nearest(wheel.target, names);
        return error;
    }
    const auto differs = [&](const char* name, const std::string& given, const std::string& own) {
        return wrong_argument(std::string("the build argument ") + name + " is `" + given + "`, but `" + target->name + "` is for " + own,
                              "a row of the matrix makes another target: see README, \"The matrix\"");
    };
    if (target->images_cuda.to_string() != step.cuda) return differs("CUDA_VERSION", step.cuda, target->images_cuda.to_string());
    if (target->python && target->python->to_string() != wheel.python)
        return differs("PYTHON_VERSION", wheel.python, target->python->to_string());
    if (target->torch && target->torch->to_string() != wheel.torch)
        return differs("TORCH_VERSION", wheel.torch, target->torch->to_string());
    SAGEBUILD_TRY(const ContainerPlan plan, plan_container(step, *target, loaded, edges));
    WheelRecipe recipe = plan.recipe<WheelRecipe>(StepKind::wheel);
    recipe.library = wheel.library;
    recipe.output = wheel.out + "/" + target->wheel;
    recipe.compiler = plan.record.compiler;
    if (recipe.compiler == "nvcc") {
        recipe.compiler_version = plan.record.compiler_version;
        recipe.device_flags = nvcc_flags();
        recipe.toolkit_wheels.clear();
    }
    return run_wheel_step(recipe, edges);
}

}  // namespace sagebuild
