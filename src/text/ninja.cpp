#include "text/ninja.hpp"

#include <map>

namespace sagebuild {

namespace {

/// A path where ninja reads paths: spaces, colons and dollars are special (ninja manual, "Lexical syntax").
std::string escape_path(std::string_view path) {
    std::string out;
    for (const char letter : path) {
        if (letter == ' ' || letter == ':' || letter == '$') out += '$';
        out += letter;
    }
    return out;
}

std::string escape_value(std::string_view value) {
    std::string out;
    for (const char letter : value) {
        if (letter == '$') out += '$';
        out += letter;
    }
    return out;
}

std::string arch_option(const Arch& arch, bool ptx) {
    return (ptx ? "compute_" : "sm_") + arch.compiler_name();
}

std::vector<std::string> compile_command(const DeviceImageRecipe& recipe, const NinjaSettings& settings) {
    std::vector<std::string> words = {settings.sagebuild_device, "compile", "--toolchain",
                                      recipe.toolchain,          "--arch",  arch_option(recipe.arch, recipe.ptx)};
    for (const std::string& directory : recipe.include) words.insert(words.end(), {"--include", directory});
    for (const std::string& flag : recipe.flags) words.push_back("--option=" + flag);
    words.insert(words.end(), {"--source", recipe.source, "--output", recipe.output});
    return words;
}

std::vector<std::string> fatbin_command(const FatbinRecipe& recipe, const NinjaSettings& settings) {
    std::vector<std::string> words = {settings.sagebuild_device, "fatbin", "--toolchain", recipe.toolchain, "--output", recipe.output};
    for (const FatbinRecipe::Image& image : recipe.images) words.push_back(arch_option(image.arch, image.ptx) + "=" + image.path);
    return words;
}

/// Name of a step in `sagebuild step NAME RECIPE`; empty for device steps, which the device driver runs without a recipe.
std::string step_name(StepKind kind) {
    switch (kind) {
        case StepKind::toolchain:
            return "toolchain";
        case StepKind::host_library:
            return "host-library";
        case StepKind::wheel:
            return "wheel";
        case StepKind::device_image:
        case StepKind::fatbin:
            break;
    }
    return "";
}

}  // namespace

std::string quote_for_shell(std::string_view word) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
    std::string out = "'";
    for (const char letter : word) out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

std::string render_command(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + quote_for_shell(word);
    return out;
}

std::string recipe_path(const Step& step, const std::string& build_directory) {
    return step_name(step.kind).empty() ? "" : build_directory + "/recipes/" + step.key + ".json";
}

std::vector<std::string> step_command(const Step& step, const NinjaSettings& settings) {
    if (const auto* image = std::get_if<DeviceImageRecipe>(&step.recipe)) return compile_command(*image, settings);
    if (const auto* fatbin = std::get_if<FatbinRecipe>(&step.recipe)) return fatbin_command(*fatbin, settings);
    return {settings.sagebuild, "step", step_name(step.kind), recipe_path(step, settings.build_directory)};
}

std::string render_ninja(const Plan& plan, const NinjaSettings& settings) {
    std::string out = "# Written by sagebuild build; run in the project root.\nninja_required_version = 1.5\n";
    out += "builddir = " + escape_value(settings.build_directory) + "\n\n";
    out += "# Downloads share one connection to the package index.\npool downloads\n  depth = 2\n\n";
    out += "rule step\n  command = $run\n  description = $step\n  generator = 1\n";
    std::map<std::string_view, std::string_view> outputs;
    for (const Step& step : plan.steps) outputs[step.id] = step.output;
    for (const Step& step : plan.steps) {
        out += "\nbuild " + escape_path(step.output) + ": step";
        for (std::size_t index = 0; index < step.inputs.size(); ++index) {
            out += (index == 0 ? " || " : " ") + escape_path(outputs.at(step.inputs[index]));
        }
        out += "\n  run = " + escape_value(render_command(step_command(step, settings)));
        out += "\n  step = " + escape_value(step.id) + "\n";
        if (step.kind == StepKind::toolchain) out += "  pool = downloads\n";
    }
    return out;
}

}  // namespace sagebuild
