#include "app/bake_files.hpp"

#include <algorithm>
#include <map>

#include "text/bake_hcl.hpp"
#include "text/device_plan.hpp"
#include "text/dockerfile.hpp"

namespace sagebuild {

namespace {

const char* const common_template = "dockerfiles/dockerfile.builder.linux.in";
const char* const device_directory = "dockerfiles/device";

/// The target whose arguments are the defaults of a Dockerfile: the first of the group `default`, else the last row.
const Target& example_target(const LoadedMatrix& loaded, const PackageMatrix& package) {
    const Target* example = nullptr;
    for (const Target& target : loaded.targets.targets) {
        if (target.package != package.name.value) continue;
        const bool is_default = std::find(target.groups.begin(), target.groups.end(), "default") != target.groups.end();
        if (is_default) return target;
        if (example == nullptr || target.kind == TargetKind::row) example = &target;
    }
    return *example;
}

bool has_targets(const LoadedMatrix& loaded, const PackageMatrix& package) {
    return std::any_of(loaded.targets.targets.begin(), loaded.targets.targets.end(),
                       [&](const Target& target) { return target.package == package.name.value; });
}

Result<std::string> render_from_template(const LoadedMatrix& loaded, const PackageMatrix& package, const BakeFile& bake,
                                         const Edges& edges) {
    std::string path = dockerfile_path(package) + ".in";
    if (!edges.files.is_file(loaded.project_root + "/" + path)) path = common_template;
    SAGEBUILD_TRY(const std::string text, edges.files.read(loaded.project_root + "/" + path));
    return render_dockerfile(text, path, package, example_target(loaded, package), bake, loaded.compat);
}

/// `line 12`: the first that is not the same.
std::string first_difference(const std::string& left, const std::string& right) {
    const auto [one, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    return "line " + std::to_string(1 + std::count(left.begin(), one, '\n'));
}

}  // namespace

Result<BakeFiles> render_bake_files(const LoadedMatrix& loaded, const Edges& edges) {
    BakeFiles out;
    SAGEBUILD_TRY(out.bake, make_bake_file(loaded.targets, loaded.matrix, loaded.compat));
    std::map<std::string, std::string> files = {{"docker-bake.hcl", render_bake_hcl(out.bake)}};
    for (const PackageMatrix& package : loaded.matrix.packages) {
        if (package.units.empty() || !has_targets(loaded, package)) continue;
        SAGEBUILD_TRY(files[dockerfile_path(package)], render_from_template(loaded, package, out.bake, edges));
        for (const Target& target : loaded.targets.targets) {
            if (target.package != package.name.value) continue;
            const Version& cuda = target.images_cuda;
            files[device_plan_path(target.package, cuda)] = render_device_plan(package, cuda, loaded.targets.targets, loaded.compat);
            const auto toolchain = loaded.compat.cuda_toolchains.find(cuda);
            if (toolchain != loaded.compat.cuda_toolchains.end())
                files[toolchain_requirements_path(cuda)] = render_toolchain_requirements(toolchain->second);
        }
    }
    for (auto& [path, bytes] : files) out.files.push_back({path, std::move(bytes)});
    return out;
}

Result<std::vector<BakeDifference>> compare_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges) {
    std::vector<BakeDifference> differences;
    for (const RenderedFile& file : files.files) {
        const std::string path = loaded.project_root + "/" + file.path;
        if (!edges.files.is_file(path)) {
            differences.push_back({file.path, "is missing"});
            continue;
        }
        SAGEBUILD_TRY(const std::string present, edges.files.read(path));
        if (present != file.bytes) differences.push_back({file.path, "differs in " + first_difference(present, file.bytes)});
    }
    const std::string directory = loaded.project_root + "/" + device_directory;
    if (!edges.files.is_directory(directory)) return differences;
    SAGEBUILD_TRY(const std::vector<std::string> names, edges.files.list(directory));
    for (const std::string& name : names) {
        const std::string path = std::string(device_directory) + "/" + name;
        const bool is_known =
            std::any_of(files.files.begin(), files.files.end(), [&](const RenderedFile& file) { return file.path == path; });
        if (!is_known) differences.push_back({path, "belongs to no target"});
    }
    return differences;
}

Result<> check_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<BakeDifference> differences, compare_bake_files(files, loaded, edges));
    if (differences.empty()) return Unit{};
    Diagnostic error{.code = "SB0308", .what = "the files of `docker buildx bake` are not those that the matrix gives"};
    for (const BakeDifference& difference : differences) error.notes.push_back("`" + difference.path + "` " + difference.what);
    error.hints = {"`sagebuild bake --emit` writes them; templates are dockerfiles/*.in"};
    return error;
}

Result<std::vector<std::string>> write_bake_files(const BakeFiles& files, const LoadedMatrix& loaded, const Edges& edges) {
    SAGEBUILD_TRY(const std::vector<BakeDifference> differences, compare_bake_files(files, loaded, edges));
    std::vector<std::string> paths;
    for (const BakeDifference& difference : differences) {
        const auto file = std::find_if(files.files.begin(), files.files.end(),
                                       [&](const RenderedFile& candidate) { return candidate.path == difference.path; });
        const std::string path = loaded.project_root + "/" + difference.path;
        if (file == files.files.end()) {
            SAGEBUILD_CHECK(edges.files.remove_tree(path));
        } else {
            SAGEBUILD_CHECK(edges.files.write(path, file->bytes));
        }
        paths.push_back(difference.path);
    }
    return paths;
}

}  // namespace sagebuild
