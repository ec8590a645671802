#include "text/target_json.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;

Json version_or_null(const std::optional<Version>& version) {
    return version ? Json(version->to_string()) : Json(nullptr);
}

Json target_json(const Target& target) {
    Json archs = Json::array(), covered = Json::array(), dropped = Json::array();
    for (const Arch& arch : target.archs) archs.push_back(arch.to_string());
    for (const CoveredArch& entry : target.covered) {
        covered.push_back({{"arch", entry.arch.to_string()}, {"by", entry.by.to_string()}, {"reason", entry.reason}});
    }
    for (const DroppedArch& entry : target.dropped) dropped.push_back({{"arch", entry.arch.to_string()}, {"reason", entry.reason}});
    Json json;
    json["target"] = target.name;
    json["kind"] = target.kind == TargetKind::row ? "row" : "universal";
    json["package"] = target.package;
    json["version"] = target.package_version.to_string();
    json["python"] = version_or_null(target.python);
    json["torch"] = version_or_null(target.torch);
    json["cuda"] = target.cuda.to_string();
    json["requires"] = {{"python", target.requires_python}, {"torch", target.requires_torch}};
    json["archs"] = std::move(archs);
    json["covered"] = std::move(covered);
    json["dropped"] = std::move(dropped);
    json["groups"] = target.groups;
    json["wheel"] = target.wheel;
    return json;
}

std::string render(std::string_view key, Json items) {
    Json document;
    document["schema"] = schema_version;
    document[key] = std::move(items);
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string render_targets_json(const std::vector<Target>& targets) {
    Json items = Json::array();
    for (const Target& target : targets) items.push_back(target_json(target));
    return render("targets", std::move(items));
}

std::string render_groups_json(const std::vector<Group>& groups) {
    Json items = Json::array();
    for (const Group& group : groups) {
        Json item;
        item["group"] = group.name;
        item["tests"] = group.tests;
        item["targets"] = group.targets;
        items.push_back(std::move(item));
    }
    return render("groups", std::move(items));
}

}  // namespace sagebuild
