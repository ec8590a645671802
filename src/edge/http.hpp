#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace sagebuild {

struct HttpHeader {
    std::string name;
    std::string value;
};

/// A header that is sent to the origin of the request's URL alone, over TLS or to this machine: `Authorization`.
struct SecretHeader {
    std::string name;
    Secret value;
};

struct HttpLimits {
    std::uint64_t body_bytes = std::uint64_t{64} << 20;  ///< of the answer, unpacked
    double connect_seconds = 20;
    double total_seconds = 300;   ///< redirects included
    double stalled_seconds = 30;  ///< without a byte
    int redirects = 5;
};

/// What a request sends, in pieces: memory does not grow with it.
class HttpBody {
  public:
    virtual ~HttpBody() = default;
    virtual std::uint64_t size() const = 0;
    /// Up to `size` bytes into `buffer`; 0 at the end.
    virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
    /// Back to the first byte, where a broken connection is tried again.
    virtual Result<> rewind() = 0;
};

struct HttpRequest {
    std::string url;  ///< `user:password@` in it is sent as basic authorization
    std::string method = "GET";
    std::vector<HttpHeader> headers = {};
    std::vector<SecretHeader> secrets = {};
    HttpBody* body = nullptr;  ///< of PUT, POST and PATCH
    HttpLimits limits = {};
};

struct HttpResponse {
    int status = 0;
    std::vector<HttpHeader> headers = {};
    std::string url;   ///< after redirects
    std::string body;  ///< empty where a sink took it; the beginning of it where the status is not 2xx

    /// First value of a header, by its name in any case; empty if there is none.
    std::string header(std::string_view name) const;
    bool is_success() const { return status >= 200 && status < 300; }
};

/// Takes the body of an answer with a status of 2xx in pieces.
using HttpSink = std::function<Result<>(std::string_view)>;

/// HTTP and HTTPS. Certificates are always verified. A status is a value, whatever it is. GET follows redirects: to `http` and `https`,
/// never from TLS to plain text, and no secret leaves the first origin. Errors: SB0601 URL, SB0602 DNS, SB0603 connect, SB0604 TLS,
/// SB0605 time, SB0606 size, SB0607 redirect, SB0608 broken connection. Threads may send at the same time.
class HttpClient {
  public:
    virtual ~HttpClient() = default;
    virtual Result<HttpResponse> send(const HttpRequest& request, const HttpSink& sink) = 0;
    /// With the body in the answer.
    Result<HttpResponse> send(const HttpRequest& request);
};

/// SB0609 with the beginning of what the server said, for an answer whose status nobody expects.
Diagnostic refused_answer(const HttpRequest& request, const HttpResponse& response);

/// As `send`, and every status but 2xx is SB0609.
Result<HttpResponse> fetch(HttpClient& client, const HttpRequest& request);

}  // namespace sagebuild
