#include "text/requirements_json.hpp"

#include <nlohmann/json.hpp>

#include "text/diagnostics_json.hpp"

namespace sagebuild {

using Json = nlohmann::ordered_json;

namespace {

template <typename Value>
Json text_or_null(const std::optional<Value>& value) {
    return value ? Json(value->to_string()) : Json(nullptr);
}

Json wheel_json(const CheckedWheel& wheel, const SourceText& source) {
    Json out;
    out["line"] = source.place(wheel.stated->url_at.begin).line;
    out["distribution"] = wheel.stated->distribution;
    out["wheel"] = wheel.name;
    out["url"] = wheel.stated->url;
    out["applies"] = wheel.applies;
    out["fits"] = wheel.fits ? Json(*wheel.fits) : Json(nullptr);
    out["pick"] = wheel.pick ? Json(*wheel.pick) : Json(nullptr);
    return out;
}

/// File contents are UTF-8, as their readers saw to; names of files may be anything.
std::string dump(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string render_requirements_json(const std::vector<CheckedGroup>& groups, const std::vector<std::string>& notes,
                                     const Diagnostics& problems) {
    Json out;
    out["schema"] = 1;
    out["files"] = Json::array();
    for (const CheckedGroup& group : groups) {
        for (const CheckedFile& checked : group.files) {
            Json file;
            file["file"] = checked.file->source.file();
            file["environment"] = {{"python", text_or_null(group.environment.python)},
                                   {"torch", text_or_null(group.environment.torch)},
                                   {"torch_cuda", text_or_null(group.environment.torch_cuda)},
                                   {"glibc", text_or_null(group.environment.glibc)}};
            file["wheels"] = Json::array();
            for (const CheckedWheel& wheel : checked.wheels) file["wheels"].push_back(wheel_json(wheel, checked.file->source));
            out["files"].push_back(std::move(file));
        }
    }
    out["notes"] = notes;
    out["problems"] = diagnostics_json(problems);
    return dump(out);
}

std::string render_update_json(const std::vector<FileUpdate>& files, const std::vector<std::string>& notes, const Diagnostics& problems) {
    Json out;
    out["schema"] = 1;
    out["files"] = Json::array();
    for (const FileUpdate& update : files) {
        Json file;
        file["file"] = update.file;
        file["written"] = update.written;
        file["changes"] = Json::array();
        for (const WheelChange& change : update.changes) file["changes"].push_back({{"from", change.from}, {"to", change.to}});
        file["diff"] = update.diff;
        out["files"].push_back(std::move(file));
    }
    out["notes"] = notes;
    out["problems"] = diagnostics_json(problems);
    return dump(out);
}

}  // namespace sagebuild
