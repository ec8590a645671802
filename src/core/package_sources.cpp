#include "core/package_sources.hpp"

#include <set>

#include "core/include_scan.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

bool is_below(const std::string& path, const std::string& directory) {
    return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

Diagnostic empty_folder(const PackageMatrix& package, const std::string& folder, const std::string& lacking) {
    Diagnostic error{
        .code = "SB0303", .what = "`" + join_source_path(package.root.value, folder) + "` holds " + lacking, .place = package.root.place};
    if (error.place.file.empty()) error.place.file = package.file;
    return error;
}

}  // namespace

const std::string& SourceDigests::digest_of(const std::string& file) {
    auto found = m_digests.find(file);
    if (found == m_digests.end()) found = m_digests.emplace(file, m_digest(m_tree.at(file))).first;
    return found->second;
}

std::vector<std::string> source_directories(const PackageMatrix& package) {
    std::set<std::string> folders = {package.python_dir};
    folders.insert(package.include.begin(), package.include.end());
    folders.insert(package.host_sources.begin(), package.host_sources.end());
    for (const KernelUnit& unit : package.units) {
        const std::size_t slash = unit.source.value.rfind('/');
        folders.insert(slash == std::string::npos ? "" : unit.source.value.substr(0, slash));
    }
    std::set<std::string> directories;
    for (const std::string& folder : folders) directories.insert(join_source_path(package.root.value, folder));
    return {directories.begin(), directories.end()};
}

std::vector<std::string> device_include_directories(const PackageMatrix& package) {
    return map_items(package.include, [&](const std::string& folder) { return join_source_path(package.root.value, folder); });
}

std::vector<std::string> find_c_sources(const PackageMatrix& package, const std::string& folder, const SourceTree& sources) {
    const std::string directory = join_source_path(package.root.value, folder);
    std::vector<std::string> found;
    for (const auto& [file, bytes] : sources) {
        if (is_below(file, directory) && file.ends_with(".c") && file.find('/', directory.size() + 1) == std::string::npos)
            found.push_back(file);
    }
    return found;
}

std::vector<std::string> find_python_files(const PackageMatrix& package, const SourceTree& sources) {
    const std::string directory = join_source_path(package.root.value, package.python_dir);
    std::vector<std::string> found;
    for (const auto& [file, bytes] : sources) {
        if (is_below(file, directory)) found.push_back(file);
    }
    return found;
}

Diagnostics check_sources(const PackageMatrix& package, const SourceTree& sources) {
    Diagnostics errors;
    for (const KernelUnit& unit : package.units) {
        const std::string file = join_source_path(package.root.value, unit.source.value);
        if (sources.contains(file)) continue;
        Diagnostic error{
            .code = "SB0303", .what = "source `" + file + "` of unit `" + unit.name.value + "` does not exist", .place = unit.source.place};
        if (!unit.source.line.empty()) error.excerpt = Excerpt{.line = unit.source.line, .width = unit.source.width, .label = ""};
        errors.push_back(std::move(error));
    }
    for (const std::string& folder : package.host_sources) {
        if (find_c_sources(package, folder, sources).empty()) errors.push_back(empty_folder(package, folder, "no C source"));
    }
    if (find_python_files(package, sources).empty()) errors.push_back(empty_folder(package, package.python_dir, "no Python package"));
    return errors;
}

}  // namespace sagebuild
