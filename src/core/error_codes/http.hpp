#pragma once

#include <array>

#include "core/error_codes.hpp"

namespace sagebuild::error_codes {

/// 0601 to 0619: HTTP.
inline constexpr std::array http = {
    ErrorCode{
        "SB0601", "a request cannot be made",
        "The address is no `http://` or `https://` URL, or a header of the request would hold a control character, which usually is\n"
        "a line break behind a token. URLs are read strictly: host names of letters, digits, dots and dashes, no control characters."},
    ErrorCode{"SB0602", "a host name is not known",
              "The host of the URL, or of the proxy that `https_proxy` or `http_proxy` names, could not be resolved. Common causes: no\n"
              "network, a typing error, a machine that reaches the internet only through a proxy."},
    ErrorCode{"SB0603", "nothing accepts the connection",
              "The host is known, but nothing listens at the port, or a firewall refuses it. Behind a proxy set `https_proxy`."},
    ErrorCode{"SB0604", "no secure connection",
              "The server's certificate could not be verified, and sagebuild never goes on without. An authority of your own is named by\n"
              "`SSL_CERT_FILE` (or `PIP_CERT`, `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, in the order PIP_CERT, SSL_CERT_FILE, ...) or\n"
              "`SSL_CERT_DIR`. The same code refuses to send a token or password without TLS to another machine."},
    ErrorCode{"SB0605", "a server did not answer in time", "The connection, the whole answer, or a byte of it took longer than the limit."},
    ErrorCode{"SB0606", "an answer is too large",
              "Servers are not trusted: each answer has a limit, counted after unpacking, and headers have one too."},
    ErrorCode{"SB0607", "a redirect is not followed",
              "Redirects are followed a few times, to web pages only, and never from TLS to plain text. Tokens and passwords are sent to\n"
              "the first host only, wherever it redirects."},
    ErrorCode{"SB0608", "a connection broke off",
              "The server ended the connection before the answer was whole, or the answer is not HTTP."},
    ErrorCode{
        "SB0609", "a server refused a request",
        "The server answered with another status than success. 401 and 403 mean a missing or insufficient token, or a rate limit; 404\n"
        "a wrong address, or one that is hidden from you; 429 and 5xx pass by."},
};

}  // namespace sagebuild::error_codes
