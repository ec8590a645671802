#include "core/upload_site.hpp"

namespace sagebuild {

namespace {

/// Hosts without the word in front that tells API and uploads apart: `api.github.com` and `uploads.github.com` belong together.
std::string site_of(const Url& url) {
    for (const std::string_view word : {"api.", "uploads."}) {
        if (url.host.starts_with(word)) return url.host.substr(word.size());
    }
    return url.host;
}

}  // namespace

bool may_upload_to(const Url& api, const Url& upload) {
    if (api.is_loopback() && upload.is_loopback()) return api.scheme == upload.scheme;
    return api.scheme == upload.scheme && site_of(api) == site_of(upload) && api.port == upload.port;
}

}  // namespace sagebuild
