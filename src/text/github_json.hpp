#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/release.hpp"
#include "core/result.hpp"

namespace sagebuild {

/// Answers of GitHub's REST API («Releases», «Release assets»), untrusted. Refused with SB0564.
Result<Release> parse_release(std::string_view json);
Result<std::vector<Release>> parse_releases(std::string_view json);
Result<ReleaseAsset> parse_release_asset(std::string_view json);
Result<std::vector<ReleaseAsset>> parse_release_assets(std::string_view json);

/// `message` of an answer that is an error, with `errors` behind it; empty if there is none.
std::string parse_github_message(std::string_view json);

/// Bodies of «Create a release» and «Update a release».
std::string render_release_request(const ReleaseDraft& draft);
/// Body of «Update a release asset»: another name.
std::string render_asset_name_request(std::string_view name);

}  // namespace sagebuild
