#include "support/fake_http_client.hpp"

namespace sagebuild::testing {

Result<HttpResponse> FakeHttpClient::send(const HttpRequest& request, const HttpSink& sink) {
    requests.push_back(request);
    const auto found = answers.find(request.url);
    if (found == answers.end())
        return Diagnostic{.code = "SB0602", .what = "`" + request.url + "` cannot be reached: its host name or the proxy's is not known"};
    HttpResponse response = found->second;
    if (response.body.size() > request.limits.body_bytes)
        return Diagnostic{.code = "SB0606",
                          .what = "`" + request.url + "` is larger than " + std::to_string(request.limits.body_bytes) + " bytes"};
    if (response.is_success()) {
        SAGEBUILD_CHECK(sink(response.body));
        response.body.clear();
    }
    if (response.url.empty()) response.url = request.url;
    return response;
}

}  // namespace sagebuild::testing
