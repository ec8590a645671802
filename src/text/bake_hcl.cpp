#include "text/bake_hcl.hpp"

#include <algorithm>
#include <vector>

#include "core/text_list.hpp"

namespace sagebuild {

namespace {

/// A quoted template (HCL native syntax, "Template Expressions"): `${` and `%{` are doubled to stand for themselves.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        if (letter == '"' || letter == '\\') out += '\\';
        if ((letter == '$' || letter == '%') && index + 1 < text.size() && text[index + 1] == '{') out += letter;
        out += letter;
    }
    return out + "\"";
}

/// `KEY = value` lines with the equals signs aligned, as hclfmt writes them.
class Attributes {
  public:
    void add(const std::string& key, const std::string& value) { m_lines.emplace_back(key, value); }
    bool empty() const { return m_lines.empty(); }

    std::string render(const std::string& indent) const {
        std::size_t width = 0;
        for (const auto& [key, value] : m_lines) width = std::max(width, key.size());
        std::string out;
        for (const auto& [key, value] : m_lines) out += indent + key + std::string(width - key.size(), ' ') + " = " + value + "\n";
        return out;
    }

  private:
    std::vector<std::pair<std::string, std::string>> m_lines;
};

std::string list_of(const std::vector<std::string>& items) {
    return "[" + join_texts(items, ", ", [](const std::string& item) { return quoted(item); }) + "]";
}

std::string render_value(const BakeValue& value) {
    switch (value.kind) {
        case BakeValue::Kind::variable:
            return value.variable + " != \"\" ? " + value.variable + " : null";
        case BakeValue::Kind::either:
            return "either(" + value.variable + ", " + quoted(value.text) + ")";
        case BakeValue::Kind::image:
            return "image(" + value.variable + ", " + quoted(value.text) + ")";
        case BakeValue::Kind::archs:
            return "archs(" + value.variable + ", " + quoted(value.text) + ")";
        case BakeValue::Kind::text:
            break;
    }
    return quoted(value.text);
}

std::string value_of(const BakeFile& file, std::string_view variable) {
    const BakeVariable* found = file.find_variable(variable);
    return found == nullptr ? "" : found->value;
}

std::string render_functions(const BakeFile& file) {
    const std::string repository = quoted(value_of(file, "CUDA_REPOSITORY"));
    const std::string standard = quoted(value_of(file, "TORCH_CUDA_ARCH_LIST"));
    return "function \"either\" {\n"
           "  params = [value, default]\n"
           "  result = value != \"\" ? value : default\n"
           "}\n\n"
           "function \"image\" {\n"
           "  params = [repository, tag]\n"
           "  result = \"${either(repository, " +
           repository +
           ")}:${tag}\"\n"
           "}\n\n"
           "# A list's own variable counts most, then TORCH_CUDA_ARCH_LIST, then what the matrix says.\n"
           "function \"archs\" {\n"
           "  params = [list, default]\n"
           "  result = list != \"\" && list != default ? list : TORCH_CUDA_ARCH_LIST != \"\" && TORCH_CUDA_ARCH_LIST != " +
           standard + " ? TORCH_CUDA_ARCH_LIST : default\n}\n";
}

std::string render_output(const std::map<std::string, std::string>& output) {
    std::string text = "type=" + output.at("type");
    for (const auto& [key, value] : output) {
        if (key != "type") text += "," + key + "=" + value;
    }
    return text;
}

std::string render_target(const BakeTarget& target) {
    Attributes attributes;
    if (!target.inherits.empty()) attributes.add("inherits", list_of({target.inherits}));
    if (!target.context.empty()) attributes.add("context", quoted(target.context));
    if (!target.dockerfile.empty()) attributes.add("dockerfile", quoted(target.dockerfile));
    if (!target.stage.empty()) attributes.add("target", quoted(target.stage));
    if (!target.platform.empty()) attributes.add("platforms", list_of({target.platform}));
    if (!target.output.empty()) attributes.add("output", list_of({render_output(target.output)}));
    if (!target.cache_from.empty()) attributes.add("cache-from", list_of({"type=gha,scope=" + target.cache_from}));
    if (!target.cache_to.empty()) attributes.add("cache-to", list_of({"type=gha,scope=" + target.cache_to + ",mode=max"}));
    std::string out = "target " + quoted(target.name) + " {\n" + attributes.render("  ");
    Attributes args;
    for (const auto& [name, value] : target.args) args.add(name, render_value(value));
    if (!args.empty()) out += "  args = {\n" + args.render("    ") + "  }\n";
    return out + "}\n";
}

std::string render_group(const BakeGroup& group) {
    if (group.targets.size() == 1) return "group " + quoted(group.name) + " {\n  targets = " + list_of(group.targets) + "\n}\n";
    std::string out = "group " + quoted(group.name) + " {\n  targets = [\n";
    for (const std::string& target : group.targets) out += "    " + quoted(target) + ",\n";
    return out + "  ]\n}\n";
}

}  // namespace

std::string render_bake_hcl(const BakeFile& file) {
    std::string out =
        "# Written by `sagebuild bake --emit` from matrix/; `sagebuild bake --check` compares. Works without sagebuild: docs/docker.md.\n"
        "# Each variable is replaced by the environment variable of its name.\n";
    for (const BakeVariable& variable : file.variables) {
        out += "\n# " + variable.comment + "\nvariable " + quoted(variable.name) + " {\n  default = " + quoted(variable.value) + "\n}\n";
    }
    out += "\n" + render_functions(file);
    for (const BakeTarget& target : file.targets) out += "\n" + render_target(target);
    for (const BakeGroup& group : file.groups) out += "\n" + render_group(group);
    return out;
}

}  // namespace sagebuild
