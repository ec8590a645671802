#include "core/plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <set>

#include "core/include_scan.hpp"
#include "core/key_text.hpp"
#include "core/package_sources.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

/// Unwind tables stay, because torch's exceptions pass through the C frames of the binding.
const std::vector<std::string>& host_flags() {
    static const std::vector<std::string> flags = {"-std=c11", "-O2", "-fexceptions", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"};
    return flags;
}

class Planner {
  public:
    Planner(const Matrix& matrix, const Compat& compat, const SourceTree& sources, const PlanSettings& settings, const Digest& digest)
        : m_matrix(matrix), m_compat(compat), m_sources(sources, digest), m_settings(settings), m_digest(digest) {}

    void add_target(const Target& target) {
        const auto package = std::find_if(m_matrix.packages.begin(), m_matrix.packages.end(),
                                          [&](const PackageMatrix& candidate) { return candidate.name.value == target.package; });
        if (package == m_matrix.packages.end() || !has_kernels(*package, target)) return;
        m_target = target.name;
        const Step* cuda = add_cuda_toolchain(target);
        const Step* zig = add_toolchain(m_compat.host_toolchain, target.place);
        if (cuda == nullptr || zig == nullptr || !is_complete(*package)) return;
        std::vector<const Step*> fatbins;
        for (const TargetUnit& unit : target.units) {
            if (!unit.archs.empty() || !unit.ptx.empty()) fatbins.push_back(&add_fatbin(*package, unit, *cuda));
        }
        const Step& library = add_library(*package, target, fatbins, *cuda, *zig);
        add_wheel(*package, target, library, *cuda, *zig);
    }

    Result<Plan> finish() {
        if (!m_errors.empty()) return std::move(m_errors);
        Plan plan;
        for (Step& step : m_steps) plan.steps.push_back(std::move(step));
        std::stable_sort(plan.steps.begin(), plan.steps.end(), [](const Step& a, const Step& b) { return a.kind < b.kind; });
        return plan;
    }

  private:
    /// Adds a step, or this target to the step of the same key.
    const Step& add(Step step, const KeyText& text) {
        step.key_text = text.text();
        const auto [entry, is_new] = m_by_key.try_emplace(step.key, m_steps.size());
        if (is_new) m_steps.push_back(std::move(step));
        Step& present = m_steps[entry->second];
        if (present.targets.empty() || present.targets.back() != m_target) present.targets.push_back(m_target);
        return present;
    }

    std::string key_of(const KeyText& text) const { return m_digest(text.text()).substr(0, 32); }

    std::string path(const std::string& folder, const std::string& name) const {
        return m_settings.build_directory + "/" + folder + "/" + name;
    }

    void add_sources(KeyText& text, const std::vector<std::string>& files) {
        for (const std::string& file : files) text.add("source " + file, m_sources.digest_of(file));
    }

    bool has_kernels(const PackageMatrix& package, const Target& target) {
        if (!package.units.empty()) {
            const bool any = std::any_of(target.units.begin(), target.units.end(),
                                         [](const TargetUnit& unit) { return !unit.archs.empty() || !unit.ptx.empty(); });
            if (!any) {
                m_errors.push_back({.code = "SB0301",
                                    .what = "no kernel unit of `" + package.name.value + "` is compiled for `" + target.name + "`",
                                    .place = target.place,
                                    .hints = {"`sagebuild matrix show " + target.name + "` tells why each arch is dropped"}});
            }
            return any;
        }
        if (!m_reported.insert(package.name.value).second) return false;
        Diagnostic error{.code = "SB0301", .what = "`" + package.name.value + "` has no kernel units yet", .place = target.place};
        error.notes = {"`units:` of " + package.file + " is empty: its targets can be listed and shown, not built"};
        for (const PackageMatrix& other : m_matrix.packages) {
            if (!other.units.empty()) error.hints.push_back("`package=" + other.name.value + "` selects targets that have kernels");
        }
        m_errors.push_back(std::move(error));
        return false;
    }

    bool is_complete(const PackageMatrix& package) {
        if (const auto known = m_complete.find(package.name.value); known != m_complete.end()) return known->second;
        const Diagnostics missing = check_sources(package, m_sources.tree());
        m_errors.insert(m_errors.end(), missing.begin(), missing.end());
        return m_complete[package.name.value] = missing.empty();
    }

    const Step* add_cuda_toolchain(const Target& target) {
        const auto found = m_compat.cuda_toolchains.find(target.images_cuda);
        if (found != m_compat.cuda_toolchains.end()) return add_toolchain(found->second, target.place);
        if (!m_reported.insert("cuda " + target.images_cuda.to_string()).second) return nullptr;
        const auto distance = [&](const Version& version) {
            const auto number = [](const Version& value) { return value.part(0) * 10000 + value.part(1) * 100 + value.part(2); };
            return std::abs(number(version) - number(target.images_cuda));
        };
        std::vector<Version> pinned = map_items(m_compat.cuda_toolchains, [](const auto& entry) { return entry.first; });
        std::stable_sort(pinned.begin(), pinned.end(), [&](const Version& a, const Version& b) { return distance(a) < distance(b); });
        Diagnostic error{
            .code = "SB0302", .what = "no toolchain is pinned for CUDA " + target.images_cuda.to_string(), .place = target.place};
        for (const Version& version : pinned) {
            if (error.nearest.size() < 3) error.nearest.push_back("CUDA " + version.to_string());
        }
        error.hints = {"pin its wheels in matrix/compat/toolchains.yaml, or give the row a pinned release"};
        m_errors.push_back(std::move(error));
        return nullptr;
    }

    const Step* add_toolchain(const Toolchain& toolchain, const Place& place) {
        ToolchainRecipe recipe{.name = toolchain.name, .host_platform = m_settings.host_platform, .wheels = {}, .directory = {}};
        KeyText text(StepKind::toolchain);
        text.add("name", toolchain.name);
        text.add("host platform", m_settings.host_platform);
        for (const PinnedWheel& wheel : toolchain.wheels) {
            const auto digest = wheel.sha256.find(m_settings.host_platform);
            if (digest == wheel.sha256.end()) {
                report_unpinned_platform(toolchain, wheel, place);
                return nullptr;
            }
            recipe.wheels.push_back({wheel.distribution, wheel.version, digest->second});
            text.add("wheel " + wheel.distribution, wheel.version + " " + digest->second);
        }
        const std::string key = key_of(text);
        recipe.directory = m_settings.cache_directory + "/toolchains/" + toolchain.name + "-" + m_settings.host_platform + "-" + key;
        Step step{
            .id = "toolchain " + toolchain.name, .kind = StepKind::toolchain, .key = key, .output = recipe.directory + "/toolchain.json"};
        step.recipe = std::move(recipe);
        return &add(std::move(step), text);
    }

    void report_unpinned_platform(const Toolchain& toolchain, const PinnedWheel& wheel, const Place& place) {
        if (!m_reported.insert("platform " + toolchain.name).second) return;
        Diagnostic error{
            .code = "SB0302", .what = "toolchain `" + toolchain.name + "` is not pinned for " + m_settings.host_platform, .place = place};
        error.notes = {"`" + wheel.distribution + "` " + wheel.version + " has no sha256 for it in matrix/compat/toolchains.yaml"};
        for (const auto& [platform, digest] : wheel.sha256) error.nearest.push_back(platform);
        m_errors.push_back(std::move(error));
    }

    const Step& add_image(const PackageMatrix& package, const TargetUnit& unit, const Step& cuda, const Arch& arch, bool ptx) {
        const auto& toolchain = std::get<ToolchainRecipe>(cuda.recipe);
        const std::vector<std::string> include = device_include_directories(package);
        const std::vector<std::string> files = find_included_files(unit.source, include, m_sources.tree());
        KeyText text(StepKind::device_image);
        text.add("toolchain", cuda.key);
        text.add("tool", m_settings.generator);
        text.add("unit", unit.name);
        text.add("unit source", unit.source);
        text.add("arch", arch.to_string());
        text.add("format", ptx ? "ptx" : "cubin");
        text.add("flags", join_words(device_flags(), " "));
        text.add("include", join_words(include, " "));
        add_sources(text, files);
        const std::string key = key_of(text);
        Step step{
            .id = "image " + package.name.value + "/" + unit.name + " " + toolchain.name + " " + arch.to_string() + (ptx ? "+ptx" : ""),
            .kind = StepKind::device_image,
            .key = key,
            .output = path("images", key + (ptx ? ".ptx" : ".cubin")),
            .inputs = {cuda.id},
            .sources = files};
        step.recipe = DeviceImageRecipe{.toolchain = toolchain.directory,
                                        .unit = unit.name,
                                        .source = unit.source,
                                        .include = include,
                                        .arch = arch,
                                        .ptx = ptx,
                                        .flags = device_flags(),
                                        .output = step.output};
        return add(std::move(step), text);
    }

    const Step& add_fatbin(const PackageMatrix& package, const TargetUnit& unit, const Step& cuda) {
        const auto& toolchain = std::get<ToolchainRecipe>(cuda.recipe);
        FatbinRecipe recipe{.toolchain = toolchain.directory, .unit = unit.name, .images = {}, .output = {}};
        KeyText text(StepKind::fatbin);
        text.add("toolchain", cuda.key);
        text.add("tool", m_settings.generator);
        std::vector<std::string> inputs = {cuda.id};
        const auto add_images = [&](const std::vector<Arch>& archs, bool ptx) {
            for (const Arch& arch : archs) {
                const Step& image = add_image(package, unit, cuda, arch, ptx);
                text.add("image " + arch.to_string() + (ptx ? "+ptx" : ""), image.key);
                recipe.images.push_back({arch, ptx, image.output});
                inputs.push_back(image.id);
            }
        };
        add_images(unit.archs, false);
        add_images(unit.ptx, true);
        const std::string key = key_of(text);
        recipe.output = path("fatbins", key + ".fatbin");
        Step step{.id = "fatbin " + package.name.value + "/" + unit.name + " " + toolchain.name + " " + join_words(image_names(unit), ","),
                  .kind = StepKind::fatbin,
                  .key = key,
                  .output = recipe.output,
                  .inputs = std::move(inputs)};
        step.recipe = std::move(recipe);
        return add(std::move(step), text);
    }

    const Step& add_library(const PackageMatrix& package, const Target& target, const std::vector<const Step*>& fatbins, const Step& cuda,
                            const Step& zig) {
        HostLibraryRecipe recipe{.package = package.name.value,
                                 .toolchain = std::get<ToolchainRecipe>(zig.recipe).directory,
                                 .cache = m_settings.cache_directory + "/zig",
                                 .cpu = target.cpu,
                                 .sources = {},
                                 .include = {},
                                 .flags = host_flags(),
                                 .images = {},
                                 .file_name = package.library,
                                 .output = {}};
        std::set<std::string> files;
        for (const std::string& folder : package.host_sources) {
            recipe.include.push_back(join_source_path(package.root.value, folder));
            for (const std::string& file : find_c_sources(package, folder, m_sources.tree())) recipe.sources.push_back(file);
        }
        for (const std::string& directory : device_include_directories(package)) recipe.include.push_back(directory);
        for (const std::string& source : recipe.sources) files.merge(as_set(find_included_files(source, recipe.include, m_sources.tree())));
        KeyText text(StepKind::host_library);
        text.add("toolchain", zig.key);
        text.add("tool", m_settings.generator);
        text.add("cpu", target.cpu);
        text.add("file name", package.library);
        text.add("flags", join_words(recipe.flags, " "));
        text.add("compiled", join_words(recipe.sources, " "));
        text.add("include", join_words(recipe.include, " "));
        std::vector<std::string> inputs = {zig.id};
        for (const Step* fatbin : fatbins) {
            const auto& packed = std::get<FatbinRecipe>(fatbin->recipe);
            HostLibraryRecipe::Images images{.unit = packed.unit, .archs = {}, .fatbin = packed.output};
            for (const FatbinRecipe::Image& image : packed.images) {
                if (!image.ptx) images.archs.push_back(image.arch);
            }
            text.add("fatbin " + packed.unit, fatbin->key);
            inputs.push_back(fatbin->id);
            recipe.images.push_back(std::move(images));
        }
        const std::vector<std::string> sorted_files(files.begin(), files.end());
        add_sources(text, sorted_files);
        const std::string key = key_of(text);
        recipe.output = path("libraries", key + ".so");
        Step step{.id = "library " + package.name.value + " " + target.cpu + " " + std::get<ToolchainRecipe>(cuda.recipe).name + " " +
                        join_values(target.archs, ","),
                  .kind = StepKind::host_library,
                  .key = key,
                  .output = recipe.output,
                  .inputs = std::move(inputs),
                  .sources = sorted_files};
        step.recipe = std::move(recipe);
        return add(std::move(step), text);
    }

    static std::set<std::string> as_set(const std::vector<std::string>& files) { return {files.begin(), files.end()}; }

    void add_wheel(const PackageMatrix& package, const Target& target, const Step& library, const Step& cuda, const Step& zig) {
        WheelRecipe recipe = wheel_recipe(package, target, library, cuda, zig);
        std::vector<std::string> own = map_items(recipe.files, [](const WheelRecipe::File& file) { return file.source; });
        for (const std::string& file : {recipe.license_file, recipe.readme}) {
            if (!file.empty()) own.push_back(file);
        }
        std::set<std::string> files = as_set(own);
        files.merge(as_set(library.sources));
        for (const TargetUnit& unit : target.units)
            files.merge(as_set(find_included_files(unit.source, device_include_directories(package), m_sources.tree())));
        std::string all;
        for (const std::string& file : files) all += file + " " + m_sources.digest_of(file) + "\n";
        recipe.source_digest = m_digest(all);
        KeyText text = wheel_key_text(recipe, library.key, cuda.key);
        std::sort(own.begin(), own.end());
        add_sources(text, own);
        const std::string key = key_of(text);
        recipe.output = path("wheels", key + "/" + target.wheel);
        Step step{.id = "wheel " + target.name,
                  .kind = StepKind::wheel,
                  .key = key,
                  .output = recipe.output,
                  .inputs = {library.id},
                  .sources = std::move(own)};
        step.recipe = std::move(recipe);
        add(std::move(step), text);
    }

    WheelRecipe wheel_recipe(const PackageMatrix& package, const Target& target, const Step& library, const Step& cuda,
                             const Step& zig) const {
        WheelRecipe recipe{.target = target, .module = package.module.value, .summary = package.summary, .license = package.license};
        recipe.target.groups.clear();
        recipe.target.place = {};
        const std::string directory = join_source_path(package.root.value, package.python_dir);
        for (const std::string& file : find_python_files(package, m_sources.tree())) {
            recipe.files.push_back({file, package.module.value + file.substr(directory.size())});
        }
        for (const std::string& file : {join_source_path(package.root.value, "LICENSE"), std::string("LICENSE")}) {
            if (recipe.license_file.empty() && m_sources.tree().contains(file)) recipe.license_file = file;
        }
        if (const std::string file = join_source_path(package.root.value, "README.md"); m_sources.tree().contains(file))
            recipe.readme = file;
        recipe.library = library.output;
        recipe.library_path = package.module.value + "/" + package.library;
        const auto& compiler = std::get<ToolchainRecipe>(cuda.recipe);
        recipe.cuda_toolchain = compiler.name;
        recipe.toolkit_wheels = compiler.wheels;
        recipe.host_toolchain = std::get<ToolchainRecipe>(zig.recipe).name;
        recipe.device_flags = device_flags();
        recipe.generator = m_settings.generator;
        recipe.source_date_epoch = m_settings.source_date_epoch;
        return recipe;
    }

    const Matrix& m_matrix;
    const Compat& m_compat;
    SourceDigests m_sources;
    const PlanSettings& m_settings;
    const Digest& m_digest;
    std::string m_target;
    std::deque<Step> m_steps;  ///< references to steps stay valid while others are added
    std::map<std::string, std::size_t> m_by_key;
    std::map<std::string, bool> m_complete;  ///< packages, whether all their sources exist
    std::set<std::string> m_reported;
    Diagnostics m_errors;
};

}  // namespace

const std::vector<std::string>& device_flags() {
    static const std::vector<std::string> flags = {"--std=c++17", "--device-as-default-execution-space"};
    return flags;
}

std::string_view step_kind_name(StepKind kind) {
    switch (kind) {
        case StepKind::toolchain:
            return "toolchain";
        case StepKind::device_image:
            return "image";
        case StepKind::fatbin:
            return "fatbin";
        case StepKind::host_library:
            return "library";
        case StepKind::wheel:
            break;
    }
    return "wheel";
}

const Step* Plan::find(std::string_view id) const {
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.id == id; });
    return found == steps.end() ? nullptr : &*found;
}

Result<Plan> make_plan(const std::vector<Target>& targets, const Matrix& matrix, const Compat& compat, const SourceTree& sources,
                       const PlanSettings& settings, const Digest& digest) {
    std::vector<const Target*> sorted = map_items(targets, [](const Target& target) { return &target; });
    std::sort(sorted.begin(), sorted.end(), [](const Target* a, const Target* b) { return a->name < b->name; });
    Planner planner(matrix, compat, sources, settings, digest);
    for (const Target* target : sorted) planner.add_target(*target);
    return planner.finish();
}

Plan pending_steps(const Plan& plan, const std::function<bool(const std::string&)>& exists) {
    std::map<std::string_view, const Step*> by_id;
    for (const Step& step : plan.steps) by_id[step.id] = &step;
    std::set<std::string_view> pending;
    std::vector<const Step*> waiting;
    const auto visit = [&](const Step& step) {
        if (!exists(step.output) && pending.insert(step.id).second) waiting.push_back(&step);
    };
    for (const Step& step : plan.steps) {
        if (step.kind == StepKind::wheel) visit(step);
    }
    while (!waiting.empty()) {
        const Step* step = waiting.back();
        waiting.pop_back();
        for (const std::string& input : step->inputs) visit(*by_id.at(input));
    }
    Plan result;
    for (const Step& step : plan.steps) {
        if (!pending.contains(step.id)) continue;
        result.steps.push_back(step);
        std::erase_if(result.steps.back().inputs, [&](const std::string& input) { return !pending.contains(input); });
    }
    return result;
}

}  // namespace sagebuild
