#include "core/key_text.hpp"

#include "core/text_list.hpp"

namespace sagebuild {

void KeyText::add(const std::string& name, const std::string& value) {
    m_text += name + ": ";
    for (const char letter : value) m_text += letter == '\n' ? std::string("\\n") : std::string(1, letter);
    m_text += '\n';
}

std::string join_words(const std::vector<std::string>& words, std::string_view separator) {
    return join_texts(words, separator, [](const std::string& word) { return word; });
}

std::vector<std::string> image_names(const TargetUnit& unit) {
    std::vector<std::string> names = map_items(unit.archs, [](const Arch& arch) { return arch.to_string(); });
    const std::vector<std::string> ptx = map_items(unit.ptx, [](const Arch& arch) { return arch.to_string() + "+ptx"; });
    names.insert(names.end(), ptx.begin(), ptx.end());
    return names;
}

KeyText wheel_key_text(const WheelRecipe& recipe, const std::string& library_key, const std::string& toolchain_key) {
    const Target& target = recipe.target;
    KeyText text(StepKind::wheel);
    text.add("target", target.name);
    text.add("wheel", target.wheel);
    text.add("library", library_key);
    text.add("library path", recipe.library_path);
    text.add("tool", recipe.generator);
    text.add("source date epoch", std::to_string(recipe.source_date_epoch));
    text.add("source digest", recipe.source_digest);
    text.add("package", target.package + " " + target.package_version.to_string() + ", module " + recipe.module);
    text.add("summary", recipe.summary);
    text.add("license", recipe.license + " " + recipe.license_file);
    text.add("python", target.python ? target.python->to_string() : "any");
    text.add("torch", target.torch ? target.torch->to_string() : "any");
    text.add("cuda", target.cuda.to_string() + ", images " + target.images_cuda.to_string());
    text.add("compilers", recipe.cuda_toolchain + " " + toolchain_key + ", " + recipe.host_toolchain);
    text.add("requires", "python " + target.requires_python + ", torch " + target.requires_torch);
    text.add("platforms", join_words(target.platforms, " ") + " " + target.cpu);
    for (const TargetUnit& unit : target.units) text.add("unit " + unit.name, join_words(image_names(unit), " "));
    for (const CoveredArch& arch : target.covered) text.add("covered " + arch.arch.to_string(), arch.by.to_string() + " " + arch.reason);
    for (const DroppedArch& arch : target.dropped) text.add("dropped " + arch.arch.to_string(), arch.reason);
    return text;
}

}  // namespace sagebuild
