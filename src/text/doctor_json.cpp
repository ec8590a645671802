#include "text/doctor_json.hpp"

#include <nlohmann/json.hpp>

#include "text/environment_json.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

const char* state_name(DoctorState state) {
    switch (state) {
        case DoctorState::good:
            return "good";
        case DoctorState::absent:
            return "absent";
        default:
            return "bad";
    }
}

}  // namespace

std::string render_doctor_json(const DoctorReport& report) {
    Json checks = Json::array();
    for (const DoctorCheck& check : report.checks) {
        checks.push_back({{"subject", check.subject},
                          {"state", state_name(check.state)},
                          {"found", check.found},
                          {"advice", check.advice.empty() ? Json(nullptr) : Json(check.advice)}});
    }
    const Json json = {{"schema", 1},
                       {"builds_locally", report.builds_locally},
                       {"builds_in_containers", report.builds_in_containers},
                       {"runs_kernels", report.runs_kernels},
                       {"environment", Json::parse(render_environment_json(report.environment))},
                       {"checks", std::move(checks)}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sagebuild
