#pragma once

#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/release_check.hpp"

namespace sagebuild {

/// The answer of `release verify` as JSON (docs/release-documents.md).
std::string render_release_report_json(const std::string& shown, const std::vector<FoundFile>& files,
                                       const std::string& attestation_command, const Diagnostics& problems);

}  // namespace sagebuild
