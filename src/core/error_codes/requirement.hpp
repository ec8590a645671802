#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 04: requirements files and Dockerfiles.
inline constexpr std::array requirement = {
    ErrorCode{
        "SB0470", "a Dockerfile cannot be read",
        "The file is not UTF-8 text, or not what the Dockerfile reference describes: an unknown instruction, a here-document without its\n"
        "end, `FROM` without an image. Nothing of it was used, and `requirements update` leaves it as it is."},
    ErrorCode{
        "SB0471", "a Dockerfile has no such stage",
        "`--stage` takes the name behind `AS` or the number of a stage, counted from 0. Without it the last stage is read, which is the\n"
        "one that `docker build` makes."},
};

}  // namespace sagebuild::error_codes
