#pragma once

#include <string>

#include "core/finder_table.hpp"

namespace sagebuild {

/// The wheel finder as one HTML page that needs no other file and no network: choices or pasted facts in, the wheel that `select` would
/// pick out, with the commands that install it, or why none fits. A wheel's `location` is an address, or a path from the page.
std::string render_finder_page(const FinderTable& table);

}  // namespace sagebuild
