#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/compat.hpp"
#include "text/release_notes.hpp"

namespace sagebuild {

/// What is new, rebuilt and gone since an earlier release, in Markdown.
std::string render_release_changes(const std::vector<PublishedWheel>& wheels, const std::optional<EarlierRelease>& earlier,
                                   const Compat& compat);

}  // namespace sagebuild
