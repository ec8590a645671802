#include "text/select_json.hpp"

#include <nlohmann/json.hpp>

#include "core/text_list.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

/// Names come from outside: bytes that are not UTF-8 are replaced, as JSON demands.
constexpr auto replace = Json::error_handler_t::replace;

}  // namespace

std::string render_selection_json(const WheelSelection& selection, const std::vector<WheelCandidate>& candidates) {
    const auto name_of = [&](const JudgedWheel& wheel) { return Json(candidates[wheel.candidate].name); };
    Json acceptable = Json::array(), rejected = Json::array(), conditions = Json::array(), against_name = Json::array();
    for (const JudgedWheel& wheel : selection.acceptable) {
        acceptable.push_back(name_of(wheel));
        for (const OpenQuestion& question : wheel.open) {
            conditions.push_back({{"name", name_of(wheel)}, {"depends_on", question.depends_on}, {"text", question.text}});
        }
        if (wheel.against_name) against_name.push_back({{"name", name_of(wheel)}, {"named_for", wheel.named_for}});
    }
    for (const JudgedWheel& wheel : selection.rejected) {
        Json reasons = Json::array();
        for (const Misfit& misfit : wheel.misfits) reasons.push_back({{"category", category_name(misfit.category)}, {"text", misfit.text}});
        rejected.push_back({{"name", name_of(wheel)}, {"reasons", std::move(reasons)}});
    }
    const JudgedWheel* pick = selection.pick();
    const Json root = {
        {"schema", 1},
        {"pick", pick != nullptr ? name_of(*pick) : Json(nullptr)},
        {"acceptable", std::move(acceptable)},
        {"rejected", std::move(rejected)},
        {"conditions", std::move(conditions)},
        {"against_name", std::move(against_name)},
    };
    return root.dump(2, ' ', false, replace) + "\n";
}

std::string render_wheel_name_json(const std::string& file, const Compat& compat) {
    const auto name = parse_wheel_name(file);
    if (!name) {
        const Diagnostic& error = name.errors().front();
        const std::string notes = join_texts(error.notes, ", ", [](const std::string& note) { return note; });
        return Json({{"file", file}, {"error", "not a wheel file name: " + notes}}).dump(-1, ' ', false, replace) + "\n";
    }
    const WheelFacts facts = read_wheel_facts(*name, compat);
    const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
    Json archs = nullptr;
    if (!facts.archs.empty()) archs = map_items(facts.archs, [](const Arch& arch) { return arch.to_string(); });
    const Json root = {
        {"file", file},
        {"distribution", name->distribution},
        {"version", name->version},
        {"build", text_or_null(name->build)},
        {"tags", name->tags()},
        {"facts",
         {{"torch", text_or_null(facts.torch_text)},
          {"cuda", facts.cuda ? Json(facts.cuda->to_string()) : Json(nullptr)},
          {"cxx11_abi", facts.cxx11_abi ? Json(*facts.cxx11_abi) : Json(nullptr)},
          {"archs", std::move(archs)},
          {"scheme", text_or_null(facts.scheme)}}},
    };
    return root.dump(-1, ' ', false, replace) + "\n";
}

}  // namespace sagebuild
