#include "text/package_url.hpp"

#include "core/naming_scheme.hpp"
#include "core/url.hpp"

namespace sagebuild {

namespace {

std::string with_version(const std::string& purl, std::string_view version) {
    return version.empty() ? purl : purl + "@" + percent_encoded(version);
}

}  // namespace

std::string pypi_purl(std::string_view distribution, std::string_view version) {
    return with_version("pkg:pypi/" + percent_encoded(normalise_project(distribution)), version);
}

std::string generic_purl(std::string_view name, std::string_view version) {
    return with_version("pkg:generic/" + percent_encoded(name), version);
}

std::pair<std::string, std::string> split_tool(std::string_view text, char separator) {
    const std::size_t at = text.rfind(separator);
    const bool has_version = at != std::string_view::npos && at > 0 && at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9';
    if (!has_version) return {std::string(text), ""};
    return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

}  // namespace sagebuild
