#pragma once

#include <string>
#include <vector>

#include "core/job_matrix.hpp"
#include "core/matrix.hpp"
#include "core/target.hpp"

namespace sagebuild {

/// `{"include":[...]}` as docs/json.md describes it, on one line: what `strategy.matrix` of GitHub Actions takes through fromJSON.
/// `matrix` holds the packages of all targets.
std::string render_jobs_json(const std::vector<Job>& jobs, const Matrix& matrix);

/// A header and one line per target (RFC 4180, lines end in LF); lists are separated by spaces, what a universal target leaves open is
/// empty.
std::string render_targets_csv(const std::vector<Target>& targets);

/// A Markdown table for docs, and below it why archs are covered or left out.
std::string render_targets_markdown(const std::vector<Target>& targets);

}  // namespace sagebuild
