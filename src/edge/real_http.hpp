#pragma once

#include <memory>
#include <string>

#include "edge/environment.hpp"
#include "edge/http.hpp"

namespace sagebuild {

struct HttpSettings {
    std::string ca_file;       ///< empty: the system's
    std::string ca_directory;  ///< likewise
    std::string user_agent;
};

/// Certificates from the variables that pip, uv, curl and OpenSSL read: `PIP_CERT`, `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`,
/// `CURL_CA_BUNDLE` (the first that is set), `SSL_CERT_DIR`. Proxies (`https_proxy`, `no_proxy`, ...) are libcurl's own matter.
HttpSettings http_settings(const Environment& environment, std::string user_agent);

/// libcurl, without signals: neither handlers nor SIGPIPE.
class RealHttpClient : public HttpClient {
  public:
    explicit RealHttpClient(HttpSettings settings);
    ~RealHttpClient() override;
    RealHttpClient(const RealHttpClient&) = delete;
    RealHttpClient& operator=(const RealHttpClient&) = delete;

    using HttpClient::send;
    Result<HttpResponse> send(const HttpRequest& request, const HttpSink& sink) override;

  private:
    struct Handle;
    HttpSettings m_settings;
    std::unique_ptr<Handle> m_handle;  ///< kept between requests, so that connections are used again
};

}  // namespace sagebuild
