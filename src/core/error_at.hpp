#pragma once

#include <string>
#include <utility>

#include "core/diagnostic.hpp"
#include "core/matrix.hpp"

namespace sagebuild {

/// An error that points at a value of the YAML, with `label` behind the caret.
template <typename Value>
Diagnostic error_at(const Located<Value>& at, std::string code, std::string what, std::string label = "") {
    Diagnostic error;
    error.code = std::move(code);
    error.what = std::move(what);
    error.place = at.place;
    error.excerpt = Excerpt{at.line, at.width, std::move(label)};
    return error;
}

/// `matrix/sageattention.yaml:41`, for notes that name a second place.
inline std::string place_text(const Place& place) {
    return place.line > 0 ? place.file + ":" + std::to_string(place.line) : place.file;
}

}  // namespace sagebuild
