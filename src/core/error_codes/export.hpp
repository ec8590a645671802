#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0320 to 0329: job matrices and tables.
inline constexpr std::array job_export = {
    ErrorCode{
        "SB0320", "more jobs than GitHub runs of one matrix",
        "GitHub Actions refuses a `strategy.matrix` of more than 256 jobs. `matrix export --format gha --shard-by cuda` makes one job of\n"
        "all targets that share a toolkit, so that device code is also compiled once; or select fewer targets, one group a run."},
    ErrorCode{"SB0321", "a table has no jobs",
              "`--shard-by` says which targets share a job of GitHub Actions. CSV and Markdown list targets, one a line, without jobs."},
};

}  // namespace sagebuild::error_codes
