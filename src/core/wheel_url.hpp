#pragma once

#include <string>
#include <string_view>

namespace sagebuild {

/// The decoded last part of a URL's or file's path: `sageattention-2.2.0-...whl`.
std::string file_name_of_url(std::string_view url);

/// A URL without its last part, with the slash: where the file lies.
std::string directory_of_url(std::string_view url);

/// `v2.2.0-build.14` of `https://github.com/o/r/releases/download/v2.2.0-build.14/x.whl`, decoded; empty for any other URL.
std::string release_tag_of_url(std::string_view url);

/// Whether the text names a wheel file.
bool is_wheel_url(std::string_view url);

/// `https://...`, `file:///...`: not a path.
bool has_scheme(std::string_view url);

}  // namespace sagebuild
