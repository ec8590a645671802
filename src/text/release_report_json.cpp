#include "text/release_report_json.hpp"

#include <nlohmann/json.hpp>

#include "text/diagnostics_json.hpp"

namespace sagebuild {

std::string render_release_report_json(const std::string& shown, const std::vector<FoundFile>& files,
                                       const std::string& attestation_command, const Diagnostics& problems) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const FoundFile& file : files) list.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
    const Json root = {
        {"schema", 1},
        {"release", shown},
        {"verified", problems.empty()},
        {"signatures", "not checked"},
        {"attestation_command", attestation_command},
        {"files", std::move(list)},
        {"problems", diagnostics_json(problems)},
    };
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sagebuild
