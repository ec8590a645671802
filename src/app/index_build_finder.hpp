#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/index_build_sources.hpp"
#include "core/compat.hpp"

namespace sagebuild {

constexpr std::string_view index_finder_path = "finder/index.html";

/// The wheel finder page of a site: wheels of releases at their addresses, copied ones where they lie beside the page, which completes
/// their addresses by its own.
std::string make_index_finder(const std::vector<const IndexedWheel*>& wheels, const Compat& compat);

/// `files/<16 digits of the digest>/`: content-addressed, so a page of any time finds the bytes that it names, or none.
std::string directory_of_copy(const WheelCandidate& wheel);

}  // namespace sagebuild
