#include "text/plan_record.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

std::string render_plan_record(const PlanRecord& record) {
    return nlohmann::ordered_json{{"schema", 1}, {"steps", record}}.dump(1) + "\n";
}

PlanRecord parse_plan_record(std::string_view json) {
    try {
        const auto parsed = nlohmann::ordered_json::parse(json);
        return parsed.at("schema") == 1 ? parsed.at("steps").get<PlanRecord>() : PlanRecord();
    } catch (const nlohmann::json::exception&) {
        return {};
    }
}

}  // namespace sagebuild
