#include "edge/http.hpp"

#include <algorithm>

#include "core/url.hpp"

namespace sagebuild {

namespace {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    const auto small = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return small(a) == small(b); });
}

std::vector<std::string> hints_for(int status, bool had_secret) {
    if (status == 401 || status == 403) {
        if (had_secret) return {"the server refuses the token or password; it may be out of date or lack a permission"};
        return {"the server wants a token or password; a rate limit is answered like this too"};
    }
    if (status == 429) return {"the server limits the number of requests; try again later"};
    return {};
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const HttpHeader& each) { return equal_ignoring_case(each.name, name); });
    return found == headers.end() ? "" : found->value;
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
    std::string body;
    auto response = send(request, [&body](std::string_view piece) -> Result<> {
        body.append(piece);
        return Unit{};
    });
    if (response && response->is_success()) response->body = std::move(body);
    return response;
}

Diagnostic refused_answer(const HttpRequest& request, const HttpResponse& response) {
    const auto url = parse_url(request.url);
    Diagnostic error = {
        .code = "SB0609",
        .what = "`" + (url ? url->shown() : printable(request.url)) + "` is answered with status " + std::to_string(response.status),
        .hints = hints_for(response.status, !request.secrets.empty())};
    const bool is_text =
        response.header("content-type").starts_with("text/plain") || response.header("content-type").find("json") != std::string::npos;
    if (is_text && !response.body.empty()) error.causes.push_back(printable(response.body, 300));
    return error;
}

Result<HttpResponse> fetch(HttpClient& client, const HttpRequest& request) {
    SAGEBUILD_TRY(HttpResponse response, client.send(request));
    if (!response.is_success()) return refused_answer(request, response);
    return response;
}

}  // namespace sagebuild
