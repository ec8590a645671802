#include "text/device_plan.hpp"

#include <algorithm>
#include <set>

#include "core/arch_coverage.hpp"
#include "core/package_sources.hpp"
#include "core/plan.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

std::vector<Located<Arch>> all_archs(const PackageMatrix& package) {
    std::vector<Located<Arch>> archs;
    for (const KernelUnit& unit : package.units) archs.insert(archs.end(), unit.archs.begin(), unit.archs.end());
    return archs;
}

/// (GPU, image) pairs of a unit that PTX serves in some target of the toolkit.
std::set<std::pair<Arch, Arch>> find_ptx(const std::string& unit, const Version& cuda, const std::vector<Target>& targets,
                                         const Compat& compat) {
    std::set<std::pair<Arch, Arch>> found;
    for (const Target& target : targets) {
        if (target.images_cuda != cuda) continue;
        for (const TargetUnit& candidate : target.units) {
            if (candidate.name != unit) continue;
            for (const CoveredArch& covered : candidate.covered) {
                if (!runs_on(covered.by, covered.arch, compat)) found.emplace(covered.arch, covered.by);
            }
        }
    }
    return found;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// `sm_90a` or `compute_90`.
std::optional<DeviceRecord::Image> parse_image(std::string_view unit, std::string_view name) {
    const bool ptx = name.starts_with("compute_");
    if (!ptx && !name.starts_with("sm_")) return std::nullopt;
    const auto arch = parse_compiler_arch(name.substr(name.find('_') + 1));
    if (!arch) return std::nullopt;
    return DeviceRecord::Image{std::string(unit), *arch, ptx};
}

bool read_line(const std::vector<std::string_view>& words, DeviceRecord& record) {
    if (words.size() == 3 && words[0] == "image") {
        const auto image = parse_image(words[1], words[2]);
        if (image) record.images.push_back(*image);
        return image.has_value();
    }
    if (words.empty() || words[0] != "compiler" || !record.compiler.empty()) return false;
    const bool is_nvcc = words.size() == 3 && words[1] == "nvcc" && parse_version(words[2]);
    if (!is_nvcc && !(words.size() == 2 && words[1] == "nvrtc")) return false;
    record.compiler = words[1];
    if (is_nvcc) record.compiler_version = words[2];
    return true;
}

}  // namespace

std::string render_device_plan(const PackageMatrix& package, const Version& cuda, const std::vector<Target>& targets,
                               const Compat& compat) {
    std::string out = "# Written by `sagebuild bake --emit`: what CUDA " + cuda.to_string() + " can compile of " + package.name.value +
                      ". docs/docker.md tells the format.\n";
    out += "cuda " + cuda.to_string() + "\n";
    for (const std::string& directory : device_include_directories(package)) out += "include " + directory + "\n";
    for (const std::string& flag : device_flags()) out += "nvrtc " + flag + "\n";
    for (const std::string& flag : nvcc_flags()) out += "nvcc " + flag + "\n";
    const CudaToolkit* toolkit = compat.find_cuda(cuda);
    if (toolkit == nullptr) return out;
    for (const TargetUnit& unit : assign_archs(package, all_archs(package), *toolkit, compat).units) {
        out += "unit " + unit.name + " " + unit.source + "\n";
        for (const Arch& arch : unit.archs)
            out += "image " + unit.name + " " + arch.capability().to_string() + " sm_" + arch.compiler_name() + "\n";
        for (const auto& [gpu, by] : find_ptx(unit.name, cuda, targets, compat))
            out += "image " + unit.name + " " + gpu.to_string() + " compute_" + by.compiler_name() + "\n";
    }
    return out;
}

std::string render_toolchain_requirements(const Toolchain& toolchain) {
    std::string out =
        "# Written by `sagebuild bake --emit`: the wheels of toolchain " + toolchain.name + " in matrix/compat/toolchains.yaml.\n";
    for (const PinnedWheel& wheel : toolchain.wheels) {
        out += wheel.distribution + "==" + wheel.version;
        for (const auto& [platform, digest] : wheel.sha256) out += " --hash=sha256:" + digest;
        out += "\n";
    }
    return out;
}

Result<DeviceRecord> parse_device_record(std::string_view text, const std::string& path) {
    DeviceRecord record;
    int number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        if (read_line(split(line, ' '), record)) continue;
        return Diagnostic{.code = "SB0306",
                          .what = "`" + std::string(line) + "` is no line of a device record",
                          .place = {path, number, 1},
                          .hints = {"dockerfiles/compile-device writes it; `sagebuild bake --check` tells whether the files are current"}};
    }
    std::sort(record.images.begin(), record.images.end());
    if (record.compiler.empty() || record.images.empty())
        return Diagnostic{.code = "SB0306", .what = "the device record names no compiler or no image", .place = {path, 0, 0}};
    return record;
}

const std::vector<std::string>& nvcc_flags() {
    static const std::vector<std::string> flags = {"-std=c++17"};
    return flags;
}

}  // namespace sagebuild
