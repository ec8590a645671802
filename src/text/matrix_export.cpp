#include "text/matrix_export.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text_list.hpp"
#include "text/target_table.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

std::string module_of(const Target& target, const Matrix& matrix) {
    const auto found = std::find_if(matrix.packages.begin(), matrix.packages.end(),
                                    [&](const PackageMatrix& package) { return package.name.value == target.package; });
    return found->module.value;
}

Json wheel_json(const Target& target, const Matrix& matrix) {
    Json json;
    json["wheel"] = target.wheel;
    json["module"] = module_of(target, matrix);
    json["version"] = target.package_version.to_string();
    json["python"] = target.python ? target.python->to_string() : target.requires_python;
    json["torch"] = target.requires_torch;
    json["torch_backend"] = "cu" + std::to_string(target.cuda.part(0)) + std::to_string(target.cuda.part(1));
    return json;
}

std::string version_or_empty(const std::optional<Version>& version) {
    return version ? version->to_string() : "";
}

std::string covered_archs(const Target& target) {
    return join_texts(target.covered, " ", [](const CoveredArch& entry) { return entry.arch.to_string(); });
}

std::string dropped_archs(const Target& target) {
    return join_texts(target.dropped, " ", [](const DroppedArch& entry) { return entry.arch.to_string(); });
}

std::string csv_field(const std::string& value) {
    if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
    std::string quoted = "\"";
    for (const char letter : value) {
        if (letter == '"') quoted += '"';
        quoted += letter;
    }
    return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
    return join_texts(fields, ",", csv_field) + "\n";
}

std::string markdown_line(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += ' ';
        for (const char letter : cell) {
            if (letter == '|') line += '\\';
            line += letter;
        }
        line += " |";
    }
    return line + "\n";
}

}  // namespace

std::string render_jobs_json(const std::vector<Job>& jobs, const Matrix& matrix) {
    Json include = Json::array();
    for (const Job& job : jobs) {
        Json names = Json::array(), wheels = Json::array();
        for (const Target& target : job.targets) {
            names.push_back(target.name);
            wheels.push_back(wheel_json(target, matrix));
        }
        include.push_back(
            {{"name", job.name}, {"cuda", job.cuda.to_string()}, {"targets", std::move(names)}, {"wheels", std::move(wheels)}});
    }
    Json document;
    document["include"] = std::move(include);
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string render_targets_csv(const std::vector<Target>& targets) {
    std::string out =
        csv_line({"target", "kind", "package", "version", "python", "torch", "cuda", "archs", "covered", "dropped", "groups", "wheel"});
    for (const Target& target : targets) {
        out += csv_line({target.name, target.kind == TargetKind::row ? "row" : "universal", target.package,
                         target.package_version.to_string(), version_or_empty(target.python), version_or_empty(target.torch),
                         target.cuda.to_string(), join_values(target.archs, " "), covered_archs(target), dropped_archs(target),
                         join_texts(target.groups, " ", [](const std::string& group) { return group; }), target.wheel});
    }
    return out;
}

std::string render_targets_markdown(const std::vector<Target>& targets) {
    std::string out = markdown_line({"Target", "Python", "torch", "CUDA", "Archs", "Covered", "Left out", "Wheel"}) +
                      "|---|---|---|---|---|---|---|---|\n";
    for (const Target& target : targets) {
        out += markdown_line({"`" + target.name + "`", target.python ? target.python->to_string() : target.requires_python,
                              target.torch ? target.torch->to_string() : target.requires_torch, target.cuda.to_string(),
                              join_values(target.archs, " "), covered_archs(target), dropped_archs(target), "`" + target.wheel + "`"});
    }
    const std::vector<std::string> reasons = explain_archs(targets);
    if (!reasons.empty()) out += "\n";
    for (const std::string& reason : reasons) out += "- " + reason + "\n";
    return out;
}

}  // namespace sagebuild
