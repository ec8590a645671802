#pragma once

#include "core/url.hpp"

namespace sagebuild {

/// Whether files of a release, and the token with them, may go where an answer of the API says: to the API's scheme, host and port, or to
/// `uploads.` in place of `api.`; on this machine to any port.
bool may_upload_to(const Url& api, const Url& upload);

}  // namespace sagebuild
