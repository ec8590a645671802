#include "text/dockerfile.hpp"

#include <set>

#include "core/cuda_image.hpp"
#include "core/include_scan.hpp"
#include "core/nearest.hpp"
#include "core/package_sources.hpp"

namespace sagebuild {

namespace {

/// `COPY A /project/A` lines for directories, each below the working directory `root`.
std::string copy_lines(const std::set<std::string>& paths, const std::string& root) {
    std::string out;
    for (const std::string& path : paths) out += (out.empty() ? "COPY " : "\nCOPY ") + path + " " + root + path;
    return out;
}

std::string device_sources(const PackageMatrix& package) {
    std::set<std::string> directories;
    for (const std::string& directory : device_include_directories(package)) directories.insert(directory);
    for (const KernelUnit& unit : package.units) {
        const std::string source = join_source_path(package.root.value, unit.source.value);
        directories.insert(source.substr(0, source.rfind('/')));
    }
    return copy_lines(directories, "/project/");
}

/// Everything that the wheel is made from, files that may be absent in one line with one that is there.
std::string package_sources(const PackageMatrix& package) {
    const std::vector<std::string> directories = source_directories(package);
    return "COPY LICENSE ./\nCOPY " + package.root.value + "/README.md* " + package.root.value + "/LICENSE* " + package.root.value + "/\n" +
           copy_lines({directories.begin(), directories.end()}, "");
}

std::string text_argument(const BakeFile& bake, const std::string& target, const std::string& name) {
    const BakeTarget* found = bake.find("test-" + target);
    if (found == nullptr) found = bake.find(target);
    const auto value = found->args.find(name);
    return value == found->args.end() ? "" : value->second.text;
}

}  // namespace

Result<std::string> render_dockerfile(std::string_view text, const std::string& template_path, const PackageMatrix& package,
                                      const Target& example, const BakeFile& bake, const Compat& compat) {
    const std::map<std::string, std::string> values = {
        {"GENERATED", "Written by `sagebuild bake --emit` from " + template_path + "; `sagebuild bake --check` compares."},
        {"PACKAGE", package.name.value},
        {"MODULE", package.module.value},
        {"TARGET", example.name},
        {"CUDA_VERSION", example.images_cuda.to_string()},
        {"CUDA_IMAGE", compat.images.repository + ":" + choose_cuda_image(example.images_cuda, compat).tag},
        {"PYTHON_VERSION", text_argument(bake, example.name, "PYTHON_VERSION")},
        {"TORCH_VERSION", text_argument(bake, example.name, "TORCH_VERSION")},
        {"ARCHS", text_argument(bake, example.name, "TORCH_CUDA_ARCH_LIST")},
        {"DEVICE_SOURCES", device_sources(package)},
        {"PACKAGE_SOURCES", package_sources(package)},
    };
    const auto is_name = [](char letter) { return (letter >= 'A' && letter <= 'Z') || letter == '_'; };
    std::string out;
    int line = 1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n') ++line;
        std::size_t end = at + 1;
        while (text[at] == '@' && end < text.size() && is_name(text[end])) ++end;
        if (text[at] != '@' || end == at + 1 || end == text.size() || text[end] != '@') {
            out += text[at];
            continue;
        }
        const std::string name(text.substr(at + 1, end - at - 1));
        const auto value = values.find(name);
        if (value == values.end()) {
            std::vector<std::string> names;
            for (const auto& [known, unused] : values) names.push_back(known);
            const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
            return Diagnostic{.code = "SB0307",
                              .what = "`@" + name + "@` is no name that a Dockerfile template may hold",
                              .place = {template_path, line, static_cast<int>(at - begin) + 1},
                              .nearest = find_nearest(name, names)};
        }
        out += value->second;
        at = end;
    }
    return out;
}

}  // namespace sagebuild
