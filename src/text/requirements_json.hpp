#pragma once

#include <string>
#include <vector>

#include "core/requirements_check.hpp"
#include "core/requirements_update.hpp"

namespace sagebuild {

/// What `requirements check --json` prints (docs/requirements.md): the wheels of each file and every problem.
std::string render_requirements_json(const std::vector<CheckedGroup>& groups, const std::vector<std::string>& notes,
                                     const Diagnostics& problems);

/// What `requirements update --json` prints: the changes of each file, its diff, and every problem.
struct FileUpdate {
    std::string file;
    std::vector<WheelChange> changes;
    std::string diff;
    bool written = false;
};
std::string render_update_json(const std::vector<FileUpdate>& files, const std::vector<std::string>& notes, const Diagnostics& problems);

}  // namespace sagebuild
