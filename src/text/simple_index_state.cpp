#include "text/simple_index_state.hpp"

#include <nlohmann/json.hpp>

#include "text/zip.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

constexpr int schema = 1;

Json version_json(const std::optional<Version>& version) {
    return version ? Json(version->to_string()) : Json(nullptr);
}

Json content_json(const CandidateContent& content) {
    Json images = nullptr, dispatch = nullptr;
    if (content.images) {
        images = Json::array();
        for (const CandidateImage& image : *content.images) images.push_back({image.arch.to_string(), image.ptx, image.cubin});
    }
    if (content.dispatch) {
        dispatch = Json::array();
        for (const Arch& arch : *content.dispatch) dispatch.push_back(arch.to_string());
    }
    return {{"images", std::move(images)},
            {"dispatch", std::move(dispatch)},
            {"any_torch", content.any_torch},
            {"minimum_torch", version_json(content.minimum_torch)},
            {"toolkit", version_json(content.toolkit)}};
}

/// Members as they were written; anything else throws and is a damaged file.
std::optional<Version> version_from(const Json& json) {
    return json.is_null() ? std::nullopt : parse_version(json.get<std::string>());
}

CandidateContent content_from(const Json& json) {
    CandidateContent content;
    if (const Json& images = json.at("images"); !images.is_null()) {
        content.images.emplace();
        for (const Json& image : images) {
            content.images->push_back(
                {parse_arch(image.at(0).get<std::string>()).value(), image.at(1).get<bool>(), image.at(2).get<bool>()});
        }
    }
    if (const Json& dispatch = json.at("dispatch"); !dispatch.is_null()) {
        content.dispatch.emplace();
        for (const Json& arch : dispatch) content.dispatch->push_back(parse_arch(arch.get<std::string>()).value());
    }
    content.any_torch = json.at("any_torch").get<bool>();
    content.minimum_torch = version_from(json.at("minimum_torch"));
    content.toolkit = version_from(json.at("toolkit"));
    return content;
}

IndexState state_from(const Json& json) {
    IndexState state;
    if (json.at("schema").get<int>() != schema) throw std::runtime_error("it is of another schema");
    for (const Json& file : json.at("files")) {
        state.files.push_back(file.get<std::string>());
        // What stands here is removed when it is no longer wanted.
        if (!explain_illegal_path(state.files.back()).empty()) throw std::runtime_error("it lists a path outside the index");
    }
    for (const Json& wheel : json.at("wheels")) {
        KnownWheel known{.content = {},
                         .sha256 = wheel.at("sha256").get<std::string>(),
                         .size = wheel.at("size").get<std::uint64_t>(),
                         .requires_python = wheel.at("requires_python").get<std::string>(),
                         .torch = version_from(wheel.at("torch")),
                         .cuda = version_from(wheel.at("cuda")),
                         .metadata_sha256 = wheel.at("metadata").get<std::string>()};
        if (const Json& content = wheel.at("content"); !content.is_null()) known.content = content_from(content);
        state.wheels.emplace(IndexState::Key{wheel.at("name").get<std::string>(), wheel.at("identity").get<std::string>()},
                             std::move(known));
    }
    return state;
}

}  // namespace

std::string render_index_state(const IndexState& state) {
    Json wheels = Json::array();
    for (const auto& [key, wheel] : state.wheels) {
        wheels.push_back({{"name", key.first},
                          {"identity", key.second},
                          {"sha256", wheel.sha256},
                          {"size", wheel.size},
                          {"requires_python", wheel.requires_python},
                          {"torch", version_json(wheel.torch)},
                          {"cuda", version_json(wheel.cuda)},
                          {"metadata", wheel.metadata_sha256},
                          {"content", wheel.content ? content_json(*wheel.content) : Json(nullptr)}});
    }
    const Json root = {{"schema", schema}, {"files", state.files}, {"wheels", std::move(wheels)}};
    return root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<IndexState> parse_index_state(std::string_view text, const std::string& file) {
    try {
        return state_from(Json::parse(text));
    } catch (const std::exception&) {
        return Diagnostic{.code = "SB0668",
                          .what = "the notes of the index are not as this program writes them",
                          .place = {.file = file},
                          .hints = {"delete the directory and build it anew"}};
    }
}

}  // namespace sagebuild
