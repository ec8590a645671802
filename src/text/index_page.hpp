#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/url.hpp"

namespace sagebuild {

/// A wheel that a page or a release lists.
struct ListedWheel {
    std::string name;  ///< file name, without directory or control characters
    Url url;
    std::string sha256 = {};                 ///< lower-case hex, empty if not stated
    std::optional<std::uint64_t> size = {};  ///< bytes
    std::string requires_python = {};
    bool yanked = false;
};

/// Names are shown, compared and become paths: no separators, nothing invisible.
bool is_listed_wheel_name(std::string_view name);

/// A project's page of an index, or any page with links to wheels, from untrusted text. Links to other files are passed over. HTML: PEP 503
/// (links and `#sha256=`), 592 (`data-yanked`), 629 (version); JSON: PEP 691, 700. Refused with SB0562.
Result<std::vector<ListedWheel>> parse_index_html(std::string_view html, const Url& page);
Result<std::vector<ListedWheel>> parse_index_json(std::string_view json, const Url& page);

}  // namespace sagebuild
