#include "app/wheel_build.hpp"

#include <algorithm>
#include <iterator>

#include "app/wheel_verify.hpp"
#include "core/wheel_name.hpp"
#include "text/core_metadata.hpp"
#include "text/wheel_manifest.hpp"
#include "text/wheel_metadata.hpp"
#include "text/zip.hpp"

namespace sagebuild {

namespace {

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

WheelManifest make_manifest(const WheelRecipe& recipe) {
    const Target& target = recipe.target;
    WheelManifest manifest;
    manifest.package = target.package;
    manifest.version = target.package_version.to_string();
    manifest.module = recipe.module;
    manifest.target = target.name;
    manifest.kind = target.kind;
    manifest.cuda = target.cuda.to_string();
    if (target.torch) manifest.torch = target.torch->to_string();
    if (target.python) manifest.python = target.python->to_string();
    manifest.toolkit = target.images_cuda.to_string();
    for (const auto& wheel : recipe.toolkit_wheels) manifest.components.push_back({wheel.distribution, wheel.version});
    const auto compiler = std::find_if(recipe.toolkit_wheels.begin(), recipe.toolkit_wheels.end(),
                                       [](const auto& wheel) { return wheel.distribution.starts_with("nvidia-cuda-nvrtc"); });
    manifest.compiler = recipe.compiler;
    manifest.compiler_version = compiler == recipe.toolkit_wheels.end() ? recipe.compiler_version : compiler->version;
    manifest.compiler_flags = recipe.device_flags;
    manifest.host_compiler = recipe.host_toolchain;
    manifest.library = recipe.library_path;
    for (const TargetUnit& unit : target.units) {
        const bool has_images =
            !unit.archs.empty() || !unit.ptx.empty();  // no fatbin is made of a unit that the toolkit cannot compile at all
        if (has_images) manifest.units.push_back({unit.name, unit.archs, unit.ptx});
    }
    for (const CoveredArch& covered : target.covered) manifest.covered.push_back({covered.arch, covered.by, covered.reason});
    for (const DroppedArch& dropped : target.dropped) manifest.dropped.push_back({dropped.arch, std::nullopt, dropped.reason});
    manifest.source_digest = "sha256:" + recipe.source_digest;
    manifest.generator = recipe.generator;
    return manifest;
}

CoreMetadata make_metadata(const WheelRecipe& recipe) {
    CoreMetadata metadata;
    metadata.name = recipe.target.package;
    metadata.version = recipe.target.package_version.to_string();
    metadata.summary = recipe.summary;
    metadata.requires_python = recipe.target.requires_python;
    metadata.requires_dist = {"torch" + recipe.target.requires_torch};
    metadata.license_expression = recipe.license;
    return metadata;
}

/// Adds files from the edge; every missing one is reported.
class EntryReader {
  public:
    explicit EntryReader(const FileSystem& files) : m_files(files) {}

    void add(const std::string& source, std::string path, bool executable = false) {
        auto bytes = m_files.read(source);
        if (!bytes) {
            m_problems.insert(m_problems.end(), bytes.errors().begin(), bytes.errors().end());
        } else {
            m_entries.push_back({std::move(path), std::move(bytes).value(), executable});
        }
    }
    void add_text(std::string path, std::string text) { m_entries.push_back({std::move(path), std::move(text), false}); }

    Result<std::vector<ZipEntry>> take() {
        if (!m_problems.empty()) return std::move(m_problems);
        return std::move(m_entries);
    }

  private:
    const FileSystem& m_files;
    std::vector<ZipEntry> m_entries;
    Diagnostics m_problems;
};

/// Package files sorted by path, then the .dist-info directory with RECORD last (binary distribution format: archivers should put it at the
/// physical end).
Result<std::vector<ZipEntry>> collect_entries(const WheelRecipe& recipe, const WheelName& name, const FileSystem& files) {
    EntryReader package(files);
    for (const auto& file : recipe.files) package.add(file.source, file.path);
    package.add(recipe.library, recipe.library_path, true);
    package.add_text(recipe.module + "/_build.py", render_build_module(recipe.target));
    EntryReader info(files);
    const std::string directory = name.distribution + "-" + name.version + ".dist-info/";
    CoreMetadata metadata = make_metadata(recipe);
    if (!recipe.license_file.empty()) {
        metadata.license_files = {"LICENSE"};
        info.add(recipe.license_file, directory + "licenses/LICENSE");
    }
    Diagnostics problems;
    if (!recipe.readme.empty()) {
        auto readme = files.read(recipe.readme);
        if (!readme) {
            problems = std::move(readme).errors();
        } else {
            metadata.description = std::move(readme).value();
        }
    }
    info.add_text(directory + "METADATA", render_core_metadata(metadata));
    WheelMetadata wheel;
    wheel.generator = recipe.generator;
    wheel.build = name.build;
    wheel.tags = name.tags();
    info.add_text(directory + "WHEEL", render_wheel_metadata(wheel));
    info.add_text(directory + "sagebuild.json", render_wheel_manifest(make_manifest(recipe)));

    auto package_entries = package.take();
    auto info_entries = info.take();
    if (!package_entries) problems.insert(problems.end(), package_entries.errors().begin(), package_entries.errors().end());
    if (!info_entries) problems.insert(problems.end(), info_entries.errors().begin(), info_entries.errors().end());
    if (!problems.empty()) return problems;
    std::vector<ZipEntry> entries = std::move(package_entries).value();
    const auto by_path = [](const ZipEntry& left, const ZipEntry& right) { return left.path < right.path; };
    std::sort(entries.begin(), entries.end(), by_path);
    std::sort(info_entries->begin(), info_entries->end(), by_path);
    std::move(info_entries->begin(), info_entries->end(), std::back_inserter(entries));

    std::vector<RecordEntry> record;
    for (const ZipEntry& entry : entries) record.push_back(make_record_entry(entry.path, entry.bytes));
    record.push_back({.path = directory + "RECORD", .hash = "", .size = std::nullopt});
    entries.push_back({directory + "RECORD", render_record(record), false});
    return entries;
}

std::string python_text(const std::string& text) {
    return "\"" + text + "\"";  // versions and target names hold no quotes and no backslashes
}

std::string python_text_or_none(const std::optional<Version>& version) {
    return version ? python_text(version->to_string()) : "None";
}

}  // namespace

std::string render_build_module(const Target& target) {
    std::string out = "# Written by sagebuild: what this wheel was built for.\n";
    out += "VERSION = " + python_text(target.package_version.to_string()) + "\n";
    out += "TARGET = " + python_text(target.name) + "\n";
    out += std::string("KIND = ") + (target.kind == TargetKind::row ? "\"row\"" : "\"universal\"") + "\n";
    out += "TORCH = " + python_text_or_none(target.torch) + "  # the row's; None: any\n";
    out += "CUDA = " + python_text(target.images_cuda.to_string()) + "  # whose compiler made the device images\n";
    out += "ARCHS = (";
    for (const Arch& arch : target.archs) out += python_text(arch.to_string()) + ", ";
    if (target.archs.size() > 1) out.erase(out.size() - 2);
    if (target.archs.size() == 1) out.pop_back();
    return out + ")\n";
}

Result<> run_wheel_step(const WheelRecipe& recipe, const Edges& edges) {
    const WheelName name = make_wheel_name(recipe.target);
    const std::string file_name = render_wheel_name(name);
    if (base_name(recipe.output) != file_name) {
        return Diagnostic{.code = "SB0408",
                          .what = "the recipe of `" + recipe.target.name + "` writes `" + base_name(recipe.output) +
                                  "`, but its wheel is named `" + file_name + "`"};
    }
    SAGEBUILD_TRY(const std::vector<ZipEntry> entries, collect_entries(recipe, name, edges.files));
    SAGEBUILD_TRY(const std::string bytes, write_zip(entries, recipe.source_date_epoch));
    WheelReport report = verify_wheel(bytes, recipe.output, &recipe.target);
    if (!report.problems.empty()) return std::move(report.problems);
    return edges.files.write(recipe.output, bytes);
}

}  // namespace sagebuild
