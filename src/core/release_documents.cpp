#include "core/release_documents.hpp"

#include <algorithm>
#include <set>

namespace sagebuild {

std::string release_stem(const std::vector<PublishedWheel>& wheels) {
    std::set<std::string> projects;
    std::set<std::string> versions;
    for (const PublishedWheel& wheel : wheels) {
        projects.insert(normalise_project(wheel.name.distribution));
        versions.insert(wheel.name.version.substr(0, wheel.name.version.find('+')));
    }
    if (projects.size() != 1) return "release";
    return versions.size() == 1 ? *projects.begin() + "-" + *versions.begin() : *projects.begin();
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_asset_name(std::string_view name) {
    if (name.empty() || name.size() > 255 || name.front() == '.' || name.front() == '-') return false;
    return std::all_of(name.begin(), name.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return byte >= 0x20 && byte != 0x7F && letter != '/' && letter != '\\';
    });
}

}  // namespace sagebuild
