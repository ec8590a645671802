#include "text/checksums.hpp"

#include <algorithm>
#include <set>

namespace sagebuild {

namespace {

constexpr std::size_t digest_size = 64;

/// The digest and the name of one line, or why it is none.
std::string read_line(std::string_view line, StatedDigest& stated) {
    std::string digest(line.substr(0, digest_size));
    std::transform(digest.begin(), digest.end(), digest.begin(),
                   [](char letter) { return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter; });
    if (!is_sha256(digest)) return "line does not begin with a SHA-256 of 64 hex digits";
    const std::string_view rest = line.substr(digest_size);
    if (!rest.starts_with("  ") && !rest.starts_with(" *")) return "two spaces, or a space and `*`, must stand between digest and name";
    const std::string_view name = rest.substr(2);
    if (!is_asset_name(name)) return "`" + printable(name, 120) + "` is no name of a file of a release";
    stated = {std::string(name), std::move(digest)};
    return "";
}

}  // namespace

std::string render_checksums(std::vector<StatedDigest> files) {
    std::sort(files.begin(), files.end());
    std::string out;
    for (const StatedDigest& file : files) out += file.sha256 + "  " + file.name + "\n";
    return out;
}

Result<std::vector<StatedDigest>> parse_checksums(std::string_view text, const std::string& file) {
    constexpr std::size_t most_problems = 20;
    std::vector<StatedDigest> files;
    std::set<std::string> names;
    Diagnostics problems;
    for (int number = 1; !text.empty() && problems.size() < most_problems; ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        StatedDigest stated;
        std::string problem = read_line(line, stated);
        if (problem.empty() && !names.insert(stated.name).second) problem = "`" + stated.name + "` is listed a second time";
        if (!problem.empty()) {
            problems.push_back({.code = "SB0641", .what = std::move(problem), .place = {file, number, 0}});
        } else {
            files.push_back(std::move(stated));
        }
    }
    if (problems.empty() && files.empty()) problems.push_back({.code = "SB0641", .what = "no file is listed", .place = {file, 0, 0}});
    if (!problems.empty()) return problems;
    return files;
}

}  // namespace sagebuild
