#pragma once

#include <string>

#include "core/published_wheel.hpp"

namespace sagebuild {

/// The index of a site that holds a wheel.
struct IndexPlace {
    std::string directory;  ///< `torch2.8-cu129`, `universal`; small letters, digits, `.` and `-`; empty: none
    std::string reason;     ///< then: why, a predicate of the wheel
};

/// Directory of the wheels that run beside every torch and CUDA.
inline constexpr std::string_view universal_index = "universal";

/// pip and uv compare tags and versions, never the torch that is installed, so wheels between which they could choose wrongly stand in
/// different indexes: one per (torch, CUDA), apart also by C++ ABI, archs and stable ABI where names say them. Wheels whose purpose is not
/// known stand in none: an index of them would be a guess.
IndexPlace find_index_place(const PublishedWheel& wheel);

}  // namespace sagebuild
