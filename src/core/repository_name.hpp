#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sagebuild {

/// `OWNER/NAME` of a code host.
struct RepositoryName {
    std::string owner;
    std::string name;

    std::string to_string() const { return owner + "/" + name; }
};

/// Letters, digits, `-`, `_` and `.`, and neither part is a path of its own.
std::optional<RepositoryName> parse_repository_name(std::string_view text);

}  // namespace sagebuild
