#include "text/release_plan_json.hpp"

#include <nlohmann/json.hpp>

#include "text/diagnostics_json.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

std::string action_name(const PlannedFile& planned) {
    if (planned.is_refused) return "refuse";
    switch (planned.action) {
        case AssetAction::upload:
            return "upload";
        case AssetAction::keep:
            return "keep";
        case AssetAction::replace:
            return "replace";
    }
    return "";
}

std::string release_state(const ReleasePlan& plan) {
    if (!plan.release) return "absent";
    if (plan.release->draft) return "draft";
    return plan.release->immutable ? "immutable" : "published";
}

}  // namespace

std::string render_release_plan_json(const ReleasePlan& plan, const std::string& tag) {
    Json files = Json::array();
    for (const PlannedFile& planned : plan.files) {
        files.push_back({{"name", planned.file.name},
                         {"action", action_name(planned)},
                         {"size", planned.file.size},
                         {"sha256", planned.file.sha256},
                         {"document", planned.file.is_document()}});
    }
    const Json root = {{"schema", 1},
                       {"tag", tag},
                       {"release", release_state(plan)},
                       {"publishes", plan.publishes},
                       {"files", std::move(files)},
                       {"bytes", plan.bytes_to_send()},
                       {"creating_requests", plan.creating_requests()},
                       {"paced_seconds", plan.paced_seconds},
                       {"problems", diagnostics_json(plan.problems)}};
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sagebuild
