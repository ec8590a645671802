#include "text/recipe_json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace sagebuild {

using Json = nlohmann::ordered_json;

namespace {

template <typename Value>
Value required(std::optional<Value> value, const std::string& text) {
    if (!value) throw std::invalid_argument("`" + text + "` is not valid");
    return *value;
}

Version version_from(const Json& json) {
    const auto text = json.get<std::string>();
    return required(parse_version(text), text);
}

Arch arch_from(const Json& json) {
    const auto text = json.get<std::string>();
    return required(parse_arch(text), text);
}

Json optional_version(const std::optional<Version>& version) {
    return version ? Json(version->to_string()) : Json(nullptr);
}

std::optional<Version> optional_version_from(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(version_from(json));
}

Json arch_texts(const std::vector<Arch>& archs) {
    Json out = Json::array();
    for (const Arch& arch : archs) out.push_back(arch.to_string());
    return out;
}

std::vector<Arch> archs_from(const Json& json) {
    std::vector<Arch> archs;
    for (const Json& entry : json) archs.push_back(arch_from(entry));
    return archs;
}

template <typename Item, typename Convert>
Json array_of(const std::vector<Item>& items, const Convert& convert) {
    Json out = Json::array();
    for (const Item& item : items) out.push_back(convert(item));
    return out;
}

template <typename Item, typename Convert>
std::vector<Item> vector_of(const Json& json, const Convert& convert) {
    std::vector<Item> out;
    for (const Json& entry : json) out.push_back(convert(entry));
    return out;
}

Json target_json(const Target& target) {
    return {{"name", target.name},
            {"kind", target.kind == TargetKind::row ? "row" : "universal"},
            {"package", target.package},
            {"version", target.package_version.to_string()},
            {"python", optional_version(target.python)},
            {"torch", optional_version(target.torch)},
            {"cuda", target.cuda.to_string()},
            {"images_cuda", target.images_cuda.to_string()},
            {"requires_python", target.requires_python},
            {"requires_torch", target.requires_torch},
            {"cpu", target.cpu},
            {"platforms", target.platforms},
            {"archs", arch_texts(target.archs)},
            {"covered", array_of(target.covered,
                                 [](const CoveredArch& item) {
                                     return Json{{"arch", item.arch.to_string()}, {"by", item.by.to_string()}, {"reason", item.reason}};
                                 })},
            {"dropped", array_of(target.dropped,
                                 [](const DroppedArch& item) {
                                     return Json{{"arch", item.arch.to_string()}, {"reason", item.reason}};
                                 })},
            {"units", array_of(target.units,
                               [](const TargetUnit& item) {
                                   return Json{{"name", item.name},
                                               {"source", item.source},
                                               {"archs", arch_texts(item.archs)},
                                               {"ptx", arch_texts(item.ptx)}};
                               })},
            {"wheel", target.wheel}};
}

Target target_from(const Json& json) {
    Target target;
    target.name = json.at("name").get<std::string>();
    target.kind = json.at("kind").get<std::string>() == "row" ? TargetKind::row : TargetKind::universal;
    target.package = json.at("package").get<std::string>();
    target.package_version = version_from(json.at("version"));
    target.python = optional_version_from(json.at("python"));
    target.torch = optional_version_from(json.at("torch"));
    target.cuda = version_from(json.at("cuda"));
    target.images_cuda = version_from(json.at("images_cuda"));
    target.requires_python = json.at("requires_python").get<std::string>();
    target.requires_torch = json.at("requires_torch").get<std::string>();
    target.cpu = json.at("cpu").get<std::string>();
    target.platforms = json.at("platforms").get<std::vector<std::string>>();
    target.archs = archs_from(json.at("archs"));
    target.covered = vector_of<CoveredArch>(json.at("covered"), [](const Json& item) {
        return CoveredArch{arch_from(item.at("arch")), arch_from(item.at("by")), item.at("reason").get<std::string>()};
    });
    target.dropped = vector_of<DroppedArch>(json.at("dropped"), [](const Json& item) {
        return DroppedArch{arch_from(item.at("arch")), item.at("reason").get<std::string>()};
    });
    target.units = vector_of<TargetUnit>(json.at("units"), [](const Json& item) {
        return TargetUnit{item.at("name").get<std::string>(), item.at("source").get<std::string>(), archs_from(item.at("archs")),
                          archs_from(item.at("ptx"))};
    });
    target.wheel = json.at("wheel").get<std::string>();
    return target;
}

Json toolchain_wheel_json(const ToolchainRecipe::Wheel& wheel) {
    return {{"distribution", wheel.distribution}, {"version", wheel.version}, {"sha256", wheel.sha256}};
}

ToolchainRecipe::Wheel toolchain_wheel_from(const Json& json) {
    return {json.at("distribution").get<std::string>(), json.at("version").get<std::string>(), json.at("sha256").get<std::string>()};
}

Json to_json(const ToolchainRecipe& recipe) {
    return {{"step", "toolchain"},
            {"name", recipe.name},
            {"host_platform", recipe.host_platform},
            {"wheels", array_of(recipe.wheels, toolchain_wheel_json)},
            {"directory", recipe.directory}};
}

ToolchainRecipe toolchain_from(const Json& json) {
    return {.name = json.at("name").get<std::string>(),
            .host_platform = json.at("host_platform").get<std::string>(),
            .wheels = vector_of<ToolchainRecipe::Wheel>(json.at("wheels"), toolchain_wheel_from),
            .directory = json.at("directory").get<std::string>()};
}

Json to_json(const DeviceImageRecipe& recipe) {
    return {{"step", "device-image"},  {"toolchain", recipe.toolchain}, {"unit", recipe.unit},
            {"source", recipe.source}, {"include", recipe.include},     {"arch", recipe.arch.to_string()},
            {"ptx", recipe.ptx},       {"flags", recipe.flags},         {"output", recipe.output}};
}

DeviceImageRecipe device_image_from(const Json& json) {
    return {.toolchain = json.at("toolchain").get<std::string>(),
            .unit = json.at("unit").get<std::string>(),
            .source = json.at("source").get<std::string>(),
            .include = json.at("include").get<std::vector<std::string>>(),
            .arch = arch_from(json.at("arch")),
            .ptx = json.at("ptx").get<bool>(),
            .flags = json.at("flags").get<std::vector<std::string>>(),
            .output = json.at("output").get<std::string>()};
}

Json to_json(const FatbinRecipe& recipe) {
    return {{"step", "fatbin"},
            {"toolchain", recipe.toolchain},
            {"unit", recipe.unit},
            {"images", array_of(recipe.images,
                                [](const FatbinRecipe::Image& image) {
                                    return Json{{"arch", image.arch.to_string()}, {"ptx", image.ptx}, {"path", image.path}};
                                })},
            {"output", recipe.output}};
}

FatbinRecipe fatbin_from(const Json& json) {
    return {
        .toolchain = json.at("toolchain").get<std::string>(),
        .unit = json.at("unit").get<std::string>(),
        .images = vector_of<FatbinRecipe::Image>(
            json.at("images"),
            [](const Json& image) {
                return FatbinRecipe::Image{arch_from(image.at("arch")), image.at("ptx").get<bool>(), image.at("path").get<std::string>()};
            }),
        .output = json.at("output").get<std::string>()};
}

Json to_json(const HostLibraryRecipe& recipe) {
    return {{"step", "host-library"},
            {"package", recipe.package},
            {"toolchain", recipe.toolchain},
            {"cache", recipe.cache},
            {"cpu", recipe.cpu},
            {"sources", recipe.sources},
            {"include", recipe.include},
            {"flags", recipe.flags},
            {"images", array_of(recipe.images,
                                [](const HostLibraryRecipe::Images& images) {
                                    return Json{{"unit", images.unit}, {"archs", arch_texts(images.archs)}, {"fatbin", images.fatbin}};
                                })},
            {"file_name", recipe.file_name},
            {"output", recipe.output}};
}

HostLibraryRecipe host_library_from(const Json& json) {
    return {.package = json.at("package").get<std::string>(),
            .toolchain = json.at("toolchain").get<std::string>(),
            .cache = json.at("cache").get<std::string>(),
            .cpu = json.at("cpu").get<std::string>(),
            .sources = json.at("sources").get<std::vector<std::string>>(),
            .include = json.at("include").get<std::vector<std::string>>(),
            .flags = json.at("flags").get<std::vector<std::string>>(),
            .images = vector_of<HostLibraryRecipe::Images>(json.at("images"),
                                                           [](const Json& images) {
                                                               return HostLibraryRecipe::Images{images.at("unit").get<std::string>(),
                                                                                                archs_from(images.at("archs")),
                                                                                                images.at("fatbin").get<std::string>()};
                                                           }),
            .file_name = json.at("file_name").get<std::string>(),
            .output = json.at("output").get<std::string>()};
}

Json to_json(const WheelRecipe& recipe) {
    return {{"step", "wheel"},
            {"target", target_json(recipe.target)},
            {"module", recipe.module},
            {"summary", recipe.summary},
            {"license", recipe.license},
            {"files", array_of(recipe.files,
                               [](const WheelRecipe::File& file) {
                                   return Json{{"source", file.source}, {"path", file.path}};
                               })},
            {"license_file", recipe.license_file},
            {"readme", recipe.readme},
            {"library", recipe.library},
            {"library_path", recipe.library_path},
            {"cuda_toolchain", recipe.cuda_toolchain},
            {"toolkit_wheels", array_of(recipe.toolkit_wheels, toolchain_wheel_json)},
            {"compiler", recipe.compiler},
            {"compiler_version", recipe.compiler_version},
            {"host_toolchain", recipe.host_toolchain},
            {"device_flags", recipe.device_flags},
            {"source_digest", recipe.source_digest},
            {"generator", recipe.generator},
            {"source_date_epoch", recipe.source_date_epoch},
            {"output", recipe.output}};
}

WheelRecipe wheel_from(const Json& json) {
    return {.target = target_from(json.at("target")),
            .module = json.at("module").get<std::string>(),
            .summary = json.at("summary").get<std::string>(),
            .license = json.at("license").get<std::string>(),
            .files = vector_of<WheelRecipe::File>(
                json.at("files"),
                [](const Json& file) {
                    return WheelRecipe::File{file.at("source").get<std::string>(), file.at("path").get<std::string>()};
                }),
            .license_file = json.at("license_file").get<std::string>(),
            .readme = json.at("readme").get<std::string>(),
            .library = json.at("library").get<std::string>(),
            .library_path = json.at("library_path").get<std::string>(),
            .cuda_toolchain = json.at("cuda_toolchain").get<std::string>(),
            .toolkit_wheels = vector_of<ToolchainRecipe::Wheel>(json.at("toolkit_wheels"), toolchain_wheel_from),
            .compiler = json.at("compiler").get<std::string>(),
            .compiler_version = json.at("compiler_version").get<std::string>(),
            .host_toolchain = json.at("host_toolchain").get<std::string>(),
            .device_flags = json.at("device_flags").get<std::vector<std::string>>(),
            .source_digest = json.at("source_digest").get<std::string>(),
            .generator = json.at("generator").get<std::string>(),
            .source_date_epoch = json.at("source_date_epoch").get<long long>(),
            .output = json.at("output").get<std::string>()};
}

Diagnostic unreadable(const std::string& reason) {
    return {.code = "SB0505", .what = "the recipe of a build step cannot be read", .causes = {reason}};
}

Recipe recipe_from(const Json& json) {
    const auto step = json.at("step").get<std::string>();
    if (step == "toolchain") return toolchain_from(json);
    if (step == "device-image") return device_image_from(json);
    if (step == "fatbin") return fatbin_from(json);
    if (step == "host-library") return host_library_from(json);
    if (step == "wheel") return wheel_from(json);
    throw std::invalid_argument("no step is called `" + step + "`");
}

}  // namespace

std::string render_recipe(const Recipe& recipe) {
    return std::visit([](const auto& step) { return to_json(step); }, recipe).dump(1) + "\n";
}

Result<Recipe> parse_recipe(std::string_view json) {
    try {
        return recipe_from(Json::parse(json));
    } catch (const std::exception& error) {
        return unreadable(error.what());
    }
}

}  // namespace sagebuild
