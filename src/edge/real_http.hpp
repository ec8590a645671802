#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

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

/// libcurl, without signals: neither handlers nor SIGPIPE. Each thread that sends borrows a handle of its own.
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
    class Loan;
    HttpSettings m_settings;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Handle>> m_idle;  ///< kept between requests, so that connections are used again
};

}  // namespace sagebuild
