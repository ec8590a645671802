#include "text/diagnostics_json.hpp"

namespace sagebuild {

namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(int number) {
    return number > 0 ? Json(number) : Json(nullptr);
}

Json problem_json(const Diagnostic& problem) {
    Json out;
    out["code"] = problem.code;
    out["severity"] = problem.severity == Severity::error ? "error" : "warning";
    out["what"] = problem.what;
    out["file"] = problem.place.file;
    out["line"] = number_or_null(problem.place.line);
    out["column"] = number_or_null(problem.place.column);
    out["causes"] = problem.causes;
    out["nearest"] = problem.nearest;
    out["notes"] = problem.notes;
    out["hints"] = problem.hints;
    return out;
}

}  // namespace

Json diagnostics_json(const Diagnostics& problems) {
    Json out = Json::array();
    for (const Diagnostic& problem : problems) out.push_back(problem_json(problem));
    return out;
}

}  // namespace sagebuild
