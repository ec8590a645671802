#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace sagebuild {

/// An absolute `http`, `https` or `file` URL (RFC 3986), read strictly: what it is composed to holds no user information, no control
/// character and nothing that two readers could split differently.
struct Url {
    std::string scheme;                ///< small letters
    std::string user;                  ///< decoded; never composed or shown
    Secret password;                   ///< decoded
    std::string host;                  ///< small letters, digits, `.`, `-`, `_`, or an IPv6 address in brackets; empty for `file`
    int port = 0;                      ///< 0: the scheme's own
    std::string path;                  ///< starts with `/`, percent-encoded
    std::optional<std::string> query;  ///< without `?`
    std::string fragment;              ///< without `#`

    /// What a request is sent to: all but user, password and fragment.
    std::string to_string() const;
    /// For texts: queries of signed URLs are secrets, so they are shown as `?...`.
    std::string shown() const;
    /// Two URLs with one origin (RFC 6454) are served by one party.
    std::string origin() const;
    /// Of this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    bool is_loopback() const;
    /// The last part of the path, decoded.
    std::string file_name() const;
    /// The path decoded, for `file`.
    std::string decoded_path() const;
};

std::optional<Url> parse_url(std::string_view text);

/// What a link on the page `base` points to (RFC 3986, section 5.2).
std::optional<Url> resolve_url(const Url& base, std::string_view reference);

/// `%41` as `A`; a `%` without two digits stays.
std::string percent_decoded(std::string_view text);

/// All but letters, digits, `-`, `.`, `_` and `~` as `%41`: one part of a path.
std::string percent_encoded(std::string_view text);

}  // namespace sagebuild
