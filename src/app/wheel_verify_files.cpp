#include "app/wheel_verify_files.hpp"

#include <algorithm>
#include <optional>

#include "app/matrix_load.hpp"
#include "core/nearest.hpp"

namespace sagebuild {

namespace {

/// The matrix, or nothing where none is found and none was asked for.
Result<std::optional<LoadedMatrix>> load_optional_matrix(const VerifyRequest& request, const Edges& edges) {
    const bool asked = !request.target.empty() || !request.matrix_directory.empty();
    if (!asked && !find_matrix_directory(edges, request.matrix_directory)) return std::optional<LoadedMatrix>();
    SAGEBUILD_TRY(LoadedMatrix loaded, load_matrix(edges, request.matrix_directory));
    return std::optional(std::move(loaded));
}

Diagnostic unknown_target(const TargetSet& targets, const std::string& name) {
    std::vector<std::string> names;
    for (const Target& target : targets.targets) names.push_back(target.name);
    return {.code = "SB0224", .what = "`" + name + "` is not a target", .nearest = find_nearest(name, names)};
}

Diagnostic unknown_wheel(const TargetSet& targets, const std::string& path, const std::string& file_name) {
    std::vector<std::string> names;
    for (const Target& target : targets.targets) names.push_back(target.wheel);
    return {.code = "SB0408",
            .what = "no target of the matrix has a wheel named `" + printable(file_name, 160) + "`",
            .place = {.file = path},
            .nearest = find_nearest(file_name, names),
            .hints = {"`--target NAME` says which target it should be, `--matrix DIR` which matrix it comes from"}};
}

WheelReport verify_file(const std::string& path, const VerifyRequest& request, const std::optional<LoadedMatrix>& matrix,
                        const Edges& edges) {
    const auto opened = edges.files.open_file(path);
    if (!opened) return {.facts = {}, .problems = opened.errors()};
    const ByteFile& file = **opened;
    if (!matrix) {
        WheelReport report = verify_wheel(file, path, nullptr);
        report.facts.emplace_back("row", "not compared: no matrix here or above");
        return report;
    }
    if (!request.target.empty()) return verify_wheel(file, path, matrix->targets.find(request.target));
    const std::string file_name = path.substr(path.rfind('/') + 1);
    const auto& targets = matrix->targets.targets;
    const auto target = std::find_if(targets.begin(), targets.end(), [&](const Target& each) { return each.wheel == file_name; });
    if (target != targets.end()) return verify_wheel(file, path, &*target);
    WheelReport report = verify_wheel(file, path, nullptr);
    const bool is_named =
        std::none_of(report.problems.begin(), report.problems.end(), [](const Diagnostic& problem) { return problem.code == "SB0401"; });
    if (is_named) report.problems.push_back(unknown_wheel(matrix->targets, path, file_name));
    return report;
}

}  // namespace

Result<std::vector<VerifiedFile>> verify_wheel_files(const VerifyRequest& request, const Edges& edges) {
    SAGEBUILD_TRY(const auto matrix, load_optional_matrix(request, edges));
    if (!request.target.empty() && matrix->targets.find(request.target) == nullptr) return unknown_target(matrix->targets, request.target);
    std::vector<VerifiedFile> verified;
    for (const std::string& path : request.files) verified.push_back({path, verify_file(path, request, matrix, edges)});
    return verified;
}

}  // namespace sagebuild
