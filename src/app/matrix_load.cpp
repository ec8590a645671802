#include "app/matrix_load.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "core/expand.hpp"
#include "core/matrix_check.hpp"
#include "text/compat_yaml.hpp"
#include "text/matrix_yaml.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;

std::string join_path(const std::string& directory, const std::string& name) {
    return directory.empty() || directory.ends_with('/') ? directory + name : directory + "/" + name;
}

/// `matrix` for `matrix/x.yaml`, `.` for `x.yaml`.
std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::vector<std::string> yaml_names(const FileSystem& files, const std::string& directory) {
    std::vector<std::string> found;
    const auto names = files.list(directory);
    if (!names) return found;
    std::copy_if(names->begin(), names->end(), std::back_inserter(found), [&](const std::string& name) {
        return name.ends_with(".yaml") && !name.starts_with('.') && files.is_file(join_path(directory, name));
    });
    return found;
}

Diagnostic no_matrix(std::string what) {
    return {.code = "SB0201",
            .what = std::move(what),
            .hints = {"name its directory with `--matrix DIR` or SAGEBUILD_MATRIX, or run in the project's directory"}};
}

/// A directory that the user named must hold a matrix: no other is looked for.
Result<std::string> check_named(const FileSystem& files, std::string directory, const std::string& named_by) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    if (!files.is_directory(directory)) return no_matrix("`" + directory + "` of " + named_by + " is not a directory");
    if (yaml_names(files, directory).empty()) return no_matrix("`" + directory + "` of " + named_by + " holds no `.yaml` file");
    return directory;
}

struct InputFile {
    std::string path;
    std::string bytes;
};

std::vector<InputFile> read_files(const FileSystem& files, const std::vector<std::string>& paths, const EditedFiles& edited,
                                  Diagnostics& problems) {
    std::vector<InputFile> inputs;
    for (const std::string& path : paths) {
        if (const auto found = edited.find(path); found != edited.end()) {
            inputs.push_back({path, found->second});
        } else if (auto bytes = files.read(path, largest_file)) {
            inputs.push_back({path, std::move(bytes).value()});
        } else {
            std::copy(bytes.errors().begin(), bytes.errors().end(), std::back_inserter(problems));
        }
    }
    return inputs;
}

void append(Diagnostics& problems, const Diagnostics& more) {
    problems.insert(problems.end(), more.begin(), more.end());
}

/// The facts of a directory, or those inside the tool if there is no such directory.
Result<Compat> load_compat(const FileSystem& files, const std::string& directory, const EditedFiles& edited = {}) {
    if (!files.is_directory(directory)) return parse_compat(embedded_compat_files());
    std::vector<std::string> paths;
    for (const std::string& name : yaml_names(files, directory)) paths.push_back(join_path(directory, name));
    std::map<std::string, std::string> texts;
    Diagnostics problems;
    for (InputFile& input : read_files(files, paths, edited, problems)) texts[input.path] = std::move(input.bytes);
    if (!problems.empty()) return problems;
    return parse_compat(texts);
}

/// Faults of one file's YAML hide neither what else its rows get wrong nor what the other files get wrong.
Diagnostics explain_faults(const std::vector<PackageReading>& readings, const Compat& compat) {
    Diagnostics problems;
    Matrix sound;
    for (const PackageReading& reading : readings) {
        append(problems, reading.problems);
        if (reading.problems.empty()) {
            sound.packages.push_back(reading.package);
        } else {
            check_rows(reading.package, compat, problems);
        }
    }
    if (const auto targets = expand_matrix(sound, compat); !targets) append(problems, targets.errors());
    return problems;
}

Result<LoadedMatrix> load(const Edges& edges, const std::string& directory, const std::vector<std::string>& paths,
                          const std::string& compat_directory, const EditedFiles& edited = {}) {
    LoadedMatrix loaded;
    loaded.directory = directory;
    loaded.project_root = parent_of(edges.files.absolute(directory));

    Diagnostics problems;
    std::vector<PackageReading> readings;
    for (const InputFile& input : read_files(edges.files, paths, edited, problems))
        readings.push_back(read_package_matrix(input.bytes, input.path));
    auto compat = load_compat(edges.files, compat_directory, edited);
    if (!compat) {
        for (const PackageReading& reading : readings) append(problems, reading.problems);
        append(problems, compat.errors());
        return problems;
    }
    loaded.compat = std::move(compat).value();
    const bool sound = problems.empty() && std::all_of(readings.begin(), readings.end(),
                                                       [](const PackageReading& reading) { return reading.problems.empty(); });
    if (!sound) {
        append(problems, explain_faults(readings, loaded.compat));
        sort_by_place(problems);
        return problems;
    }
    for (PackageReading& reading : readings) loaded.matrix.packages.push_back(std::move(reading.package));
    SAGEBUILD_TRY(loaded.targets, expand_matrix(loaded.matrix, loaded.compat));
    return loaded;
}

}  // namespace

Result<std::string> find_matrix_directory(const Edges& edges, const std::string& option) {
    if (!option.empty()) return check_named(edges.files, option, "`--matrix`");
    const auto variable = edges.environment.variable("SAGEBUILD_MATRIX");
    if (variable && !variable->empty()) return check_named(edges.files, *variable, "SAGEBUILD_MATRIX");
    const std::string start = edges.environment.working_directory();
    std::string above;
    for (std::string at = start;; at = parent_of(at)) {
        const std::string candidate = above + "matrix";
        if (edges.files.is_directory(candidate) && !yaml_names(edges.files, candidate).empty()) return candidate;
        if (at == "/" || at == ".") break;
        above += "../";
    }
    return no_matrix("no directory `matrix` with `.yaml` files in `" + start + "` or above it");
}

Result<LoadedMatrix> load_matrix(const Edges& edges, const std::string& option, const EditedFiles& edited) {
    SAGEBUILD_TRY(const std::string directory, find_matrix_directory(edges, option));
    std::vector<std::string> paths;
    for (const std::string& name : yaml_names(edges.files, directory)) paths.push_back(join_path(directory, name));
    return load(edges, directory, paths, join_path(directory, "compat"), edited);
}

Result<LoadedMatrix> load_matrix_files(const Edges& edges, const std::string& option, const std::vector<std::string>& files) {
    const std::string directory = parent_of(files.front());
    std::string compat = join_path(directory, "compat");
    if (!edges.files.is_directory(compat)) {
        if (const auto found = find_matrix_directory(edges, option)) compat = join_path(*found, "compat");
    }
    return load(edges, directory, files, compat);
}

Result<Compat> load_compat_of(const Edges& edges, const std::string& option) {
    const auto directory = find_matrix_directory(edges, option);
    if (directory) return load_compat(edges.files, join_path(*directory, "compat"));
    const auto variable = edges.environment.variable("SAGEBUILD_MATRIX");
    if (!option.empty() || (variable && !variable->empty())) return directory.errors();
    return parse_compat(embedded_compat_files());
}

}  // namespace sagebuild
