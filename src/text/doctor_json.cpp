#include "text/doctor_json.hpp"

#include <nlohmann/json.hpp>

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

Json version_json(const auto& version) {
    return version ? Json(version->to_string()) : Json(nullptr);
}

template <typename Value>
Json optional_json(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json environment_json(const WheelEnvironment& environment) {
    Json sm = nullptr;
    if (environment.sm) {
        sm = Json::array();
        for (const Arch& arch : *environment.sm) sm.push_back(arch.to_string());
    }
    return {{"python", version_json(environment.python)},
            {"free_threaded", optional_json(environment.free_threaded)},
            {"torch", version_json(environment.torch)},
            {"torch_cuda", environment.torch_is_cpu ? Json("cpu") : version_json(environment.torch_cuda)},
            {"torch_cxx11_abi", optional_json(environment.torch_cxx11_abi)},
            {"driver", version_json(environment.driver)},
            {"toolkit", version_json(environment.toolkit)},
            {"os", optional_json(environment.os)},
            {"arch", optional_json(environment.arch)},
            {"glibc", version_json(environment.glibc)},
            {"sm", std::move(sm)}};
}

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
                       {"environment", environment_json(report.environment)},
                       {"checks", std::move(checks)}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sagebuild
