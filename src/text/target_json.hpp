#pragma once

#include <string>
#include <vector>

#include "core/target.hpp"

namespace sagebuild {

/// `{"schema": 1, "targets": [...]}` as docs/json.md describes it, ending in a newline.
std::string render_targets_json(const std::vector<Target>& targets);

/// `{"schema": 1, "groups": [...]}` as docs/json.md describes it, ending in a newline.
std::string render_groups_json(const std::vector<Group>& groups);

}  // namespace sagebuild
