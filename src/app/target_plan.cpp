#include "app/target_plan.hpp"

#include <set>

#include "core/include_scan.hpp"
#include "core/package_sources.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

bool is_source(const std::string& path) {
    return path.find("__pycache__/") == std::string::npos && !path.ends_with(".pyc");
}

}  // namespace

Result<SourceTree> load_sources(const Edges& edges, const LoadedMatrix& loaded, const std::vector<Target>& targets) {
    std::set<std::string> wanted, files;
    for (const Target& target : targets) wanted.insert(target.package);
    for (const PackageMatrix& package : loaded.matrix.packages) {
        if (!wanted.contains(package.name.value) || package.units.empty()) continue;
        for (const std::string& directory : source_directories(package)) {
            if (!edges.files.is_directory(loaded.project_root + "/" + directory)) continue;
            SAGEBUILD_TRY(const std::vector<std::string> found, edges.files.list_recursive(loaded.project_root + "/" + directory));
            for (const std::string& file : found) {
                if (is_source(file)) files.insert(join_source_path(directory, file));
            }
        }
        for (const char* name : {"LICENSE", "README.md"}) files.insert(join_source_path(package.root.value, name));
    }
    files.insert("LICENSE");
    SourceTree sources;
    for (const std::string& file : files) {
        const std::string path = loaded.project_root + "/" + file;
        if (!edges.files.is_file(path)) continue;
        SAGEBUILD_TRY(sources[file], edges.files.read(path));
    }
    return sources;
}

Result<Plan> plan_targets(const Edges& edges, const LoadedMatrix& loaded, const std::vector<Target>& targets, const BuildPlaces& places,
                          const std::string& version) {
    SAGEBUILD_TRY(const SourceTree sources, load_sources(edges, loaded, targets));
    SAGEBUILD_TRY(const PlanSettings settings, make_plan_settings(edges, places, version));
    return make_plan(targets, loaded.matrix, loaded.compat, sources, settings, sha256_hex);
}

}  // namespace sagebuild
