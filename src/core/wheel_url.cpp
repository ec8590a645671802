#include "core/wheel_url.hpp"

#include <algorithm>
#include <cctype>

#include "core/url.hpp"

namespace sagebuild {

namespace {

std::string_view path_of_url(std::string_view url) {
    return url.substr(0, has_scheme(url) ? url.find_first_of("?#") : url.find('#'));
}

}  // namespace

std::string file_name_of_url(std::string_view url) {
    const std::string_view path = path_of_url(url);
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return has_scheme(url) ? percent_decoded(name) : std::string(name);
}

std::string directory_of_url(std::string_view url) {
    const std::string_view path = path_of_url(url);
    return std::string(path.substr(0, path.rfind('/') + 1));
}

std::string release_tag_of_url(std::string_view url) {
    static constexpr std::string_view marker = "/releases/download/";
    const std::size_t begin = url.find(marker);
    if (begin == std::string_view::npos) return "";
    const std::string_view rest = url.substr(begin + marker.size());
    const std::size_t end = rest.rfind('/');
    return end == std::string_view::npos ? "" : percent_decoded(rest.substr(0, end));
}

bool is_wheel_url(std::string_view url) {
    return file_name_of_url(url).ends_with(".whl");
}

bool has_scheme(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    return std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '+' || letter == '-' || letter == '.'; });
}

}  // namespace sagebuild
