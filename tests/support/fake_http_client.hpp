#pragma once

#include <map>
#include <string>
#include <vector>

#include "edge/http.hpp"

namespace sagebuild::testing {

/// A network of the given answers; every request is remembered, and a URL without an answer is a host that is not known.
class FakeHttpClient : public HttpClient {
  public:
    std::map<std::string, HttpResponse> answers;  ///< by URL
    std::vector<HttpRequest> requests;

    using HttpClient::send;
    Result<HttpResponse> send(const HttpRequest& request, const HttpSink& sink) override;
};

}  // namespace sagebuild::testing
