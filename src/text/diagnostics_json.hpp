#pragma once

#include <nlohmann/json.hpp>

#include "core/diagnostic.hpp"

namespace sagebuild {

/// Problems as every `--json` of the tool shows them: code, severity, what, place, causes, nearest, notes, hints.
nlohmann::ordered_json diagnostics_json(const Diagnostics& problems);

}  // namespace sagebuild
