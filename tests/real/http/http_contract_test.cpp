// The HTTP client against real servers (run.py starts them), and what the fake of the unit tests has in common with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>

#include "edge/real_http.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/fixed_environment.hpp"
#include "support/temporary_directory.hpp"
#include "text/sha256.hpp"

namespace sagebuild {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string server(const std::string& name) {
    const char* value = std::getenv(("SAGEBUILD_TEST_" + name).c_str());
    return value == nullptr ? "run.py starts the servers" : value;
}

RealHttpClient trusting_client() {
    return RealHttpClient({.ca_file = server("AUTHORITY"), .ca_directory = {}, .user_agent = "sagebuild/test"});
}

/// The whole text of what went wrong, without the ports of this run.
std::string error_text(const Result<HttpResponse>& result) {
    if (result) return "status " + std::to_string(result->status);
    std::string text = render_diagnostics(result.errors());
    for (const char* name : {"PLAIN", "OTHER", "TLS", "WRONG_NAME"}) text = testing::replace_all(text, server(name), name);
    return text;
}

class BothClients : public ::testing::TestWithParam<bool> {
  protected:
    BothClients() {
        if (GetParam()) {
            m_client = std::make_unique<RealHttpClient>(HttpSettings{});
            return;
        }
        auto fake = std::make_unique<testing::FakeHttpClient>();
        fake->answers[m_base + "/hello"] = {.status = 200, .headers = {{"X-Kind", "greeting"}}, .url = {}, .body = "hello"};
        fake->answers[m_base + "/nothing"] = {
            .status = 404, .headers = {{"Content-Type", "text/plain"}}, .url = {}, .body = "no such page"};
        m_client = std::move(fake);
    }
    const std::string m_base = server("PLAIN");
    std::unique_ptr<HttpClient> m_client;
};

TEST_P(BothClients, AnAnswerHasStatusHeadersAndBody) {
    const auto response = m_client->send({.url = m_base + "/hello"});
    ASSERT_TRUE(response) << error_text(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->header("x-kind"), "greeting");
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->url, m_base + "/hello");
}

TEST_P(BothClients, AnyStatusIsAValueUnlessFetched) {
    EXPECT_EQ(m_client->send({.url = m_base + "/nothing"})->status, 404);
    EXPECT_EQ(error_text(fetch(*m_client, {.url = m_base + "/nothing"})),
              "error[SB0609]: `PLAIN/nothing` is answered with status 404\ncaused by: no such page\n");
}

TEST_P(BothClients, TheBodyHasALimit) {
    EXPECT_EQ(error_text(m_client->send({.url = m_base + "/hello", .limits = {.body_bytes = 4}})),
              "error[SB0606]: `PLAIN/hello` is larger than 4 bytes\n");
}

TEST_P(BothClients, ASinkMayStop) {
    const auto stop = [](std::string_view) -> Result<> { return Diagnostic{.code = "SB0502", .what = "disk full"}; };
    EXPECT_EQ(error_text(m_client->send({.url = m_base + "/hello"}, stop)), "error[SB0502]: disk full\n");
}

TEST_P(BothClients, ASinkTakesNoRefusals) {
    std::string taken;
    const auto response = m_client->send({.url = m_base + "/nothing"}, [&taken](std::string_view piece) -> Result<> {
        taken += piece;
        return Unit{};
    });
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "no such page");
    EXPECT_EQ(taken, "");
}

INSTANTIATE_TEST_SUITE_P(Http, BothClients, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? std::string("real") : std::string("fake"); });

TEST(RealHttp, ItSaysWhoItIs) {
    auto client = trusting_client();
    EXPECT_THAT(client.send({.url = server("PLAIN") + "/headers"})->body, HasSubstr("sagebuild/test"));
}

TEST(RealHttp, TlsIsVerified) {
    auto client = trusting_client();
    EXPECT_EQ(error_text(client.send({.url = server("TLS") + "/hello"})), "status 200");
    RealHttpClient stranger({});
    const auto unknown = error_text(stranger.send({.url = server("TLS") + "/hello"}));
    EXPECT_THAT(unknown, HasSubstr("error[SB0604]: `TLS/hello` cannot be reached securely\ncaused by: SSL certificate problem: "));
    EXPECT_THAT(unknown, HasSubstr("hint: `SSL_CERT_FILE` names the certificates of an authority of your own\n"));
    EXPECT_THAT(
        error_text(client.send({.url = server("WRONG_NAME") + "/hello"})),
        HasSubstr("error[SB0604]: `WRONG_NAME/hello` cannot be reached securely\ncaused by: SSL: no alternative certificate subject name"));
    RealHttpClient without_file({.ca_file = "/nonexistent.pem", .ca_directory = {}, .user_agent = {}});
    EXPECT_THAT(error_text(without_file.send({.url = server("TLS") + "/hello"})), HasSubstr("error[SB0604]"));
}

TEST(RealHttp, TheUsualVariablesNameTheAuthority) {
    for (const char* name : {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        test::FixedEnvironment environment;
        environment.variables[name] = server("AUTHORITY");
        RealHttpClient client(http_settings(environment, "test"));
        EXPECT_EQ(error_text(client.send({.url = server("TLS") + "/hello"})), "status 200") << name;
    }
}

TEST(RealHttp, RedirectsAreFollowed) {
    auto client = trusting_client();
    for (const char* status : {"301", "302", "303", "307", "308"}) {
        const auto response = client.send({.url = server("PLAIN") + "/redirect?to=../hello&status=" + status});
        ASSERT_TRUE(response) << error_text(response);
        EXPECT_EQ(response->body, "hello") << status;
        EXPECT_EQ(response->url, server("PLAIN") + "/hello");
    }
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/redirect?to=" + server("TLS") + "/hello"})), "status 200");
}

TEST(RealHttp, RedirectsHaveLimits) {
    auto client = trusting_client();
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/loop"})), "error[SB0607]: `PLAIN/loop` redirects more than 5 times\n");
    EXPECT_EQ(error_text(client.send({.url = server("TLS") + "/redirect?to=" + server("PLAIN") + "/hello"})),
              "error[SB0607]: `TLS/redirect?...` redirects from TLS to plain text, `PLAIN/hello`\n");
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/redirect?to=file:///etc/passwd"})),
              "error[SB0607]: `PLAIN/redirect?...` redirects to `file:///etc/passwd`, which is no web page\n");
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/redirect?to=gopher://x/"})),
              "error[SB0607]: `PLAIN/redirect?...` redirects to `gopher://x/`, which is no web page\n");
}

TEST(RealHttp, SecretsStayWithTheirOrigin) {
    auto client = trusting_client();
    HttpRequest request{.url = server("PLAIN") + "/headers", .secrets = {{"Authorization", Secret("Bearer ghp_secret")}}};
    EXPECT_THAT(client.send(request)->body, HasSubstr("ghp_secret"));
    request.url = server("PLAIN") + "/redirect?to=/headers";
    EXPECT_THAT(client.send(request)->body, HasSubstr("ghp_secret"));
    request.url = server("PLAIN") + "/redirect?to=" + server("OTHER") + "/headers";
    EXPECT_THAT(client.send(request)->body, Not(HasSubstr("ghp_secret")));
    // Away and back again: the second visit is the first origin's.
    request.url = server("PLAIN") + "/redirect?to=" + server("OTHER") + "/redirect?to=" + server("OTHER") + "/headers";
    EXPECT_THAT(client.send(request)->body, Not(HasSubstr("ghp_secret")));
}

TEST(RealHttp, PasswordsOfUrlsAreSentAndNeverShown) {
    auto client = trusting_client();
    const std::string base = testing::replace_all(server("PLAIN"), "http://", "http://us%65r:pa%20ss@");
    EXPECT_THAT(client.send({.url = base + "/headers"})->body, HasSubstr("Basic dXNlcjpwYSBzcw=="));
    EXPECT_THAT(client.send({.url = base + "/redirect?to=" + server("OTHER") + "/headers"})->body, Not(HasSubstr("Basic")));
    EXPECT_EQ(error_text(fetch(client, {.url = base + "/nothing?token=x"})),
              "error[SB0609]: `PLAIN/nothing?...` is answered with status 404\ncaused by: no such page\n");
}

TEST(RealHttp, SecretsNeedTls) {
    auto client = trusting_client();
    EXPECT_EQ(error_text(client.send({.url = "http://index.example/simple/", .secrets = {{"Authorization", Secret("t")}}})),
              "error[SB0604]: `http://index.example/simple/` would get a token or password without TLS\n");
    EXPECT_EQ(error_text(client.send({.url = server("TLS") + "/hello", .secrets = {{"Authorization", Secret("token t\nX-Evil: 1")}}})),
              "error[SB0601]: a header for `TLS/hello` holds a line break or another control character\n"
              "hint: look at the environment variable or file that the token comes from\n");
}

TEST(RealHttp, OnlyWebUrlsAreTaken) {
    auto client = trusting_client();
    for (const char* url :
         {"file:///etc/passwd", "ftp://host/x", "https://", "https://a b/", "https://host\n/", "//host/x", "https://ho\\st/"}) {
        EXPECT_THAT(error_text(client.send({.url = url})), HasSubstr("is no URL of a web server\nhint: write `https://HOST/PATH`\n"))
            << url;
    }
}

TEST(RealHttp, CausesAreTold) {
    auto client = trusting_client();
    EXPECT_THAT(
        error_text(client.send({.url = "http://no-such-host.invalid/x"})),
        HasSubstr(
            "error[SB0602]: `http://no-such-host.invalid/x` cannot be reached: its host name or the proxy's is not known\ncaused by: "));
    EXPECT_THAT(error_text(client.send({.url = "http://127.0.0.1:1/x"})),
                HasSubstr("error[SB0603]: `http://127.0.0.1:1/x` cannot be reached: nothing accepts the connection\ncaused by: "));
    EXPECT_THAT(error_text(client.send({.url = server("PLAIN") + "/silent", .limits = {.total_seconds = 0.2}})),
                HasSubstr("error[SB0605]: `PLAIN/silent` did not answer in time\ncaused by: Operation timed out after "));
    EXPECT_THAT(error_text(client.send({.url = server("PLAIN") + "/stalled", .limits = {.stalled_seconds = 1}})),
                HasSubstr("error[SB0605]: `PLAIN/stalled` did not answer in time\ncaused by: Operation too slow."));
    for (const char* page : {"/short", "/reset", "/garbage"})
        EXPECT_THAT(error_text(client.send({.url = server("PLAIN") + page})),
                    HasSubstr("error[SB0608]: `PLAIN" + std::string(page) + "` broke off\ncaused by: "));
}

TEST(RealHttp, SizesAreCountedUnpacked) {
    auto client = trusting_client();
    EXPECT_EQ(client.send({.url = server("PLAIN") + "/packed?kilobytes=64"})->body.size(), 65536U);
    const HttpLimits small{.body_bytes = 1 << 20};
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/packed?kilobytes=20480", .limits = small})),
              "error[SB0606]: `PLAIN/packed?...` is larger than 1048576 bytes\n");
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/big?kilobytes=4096", .limits = small})),
              "error[SB0606]: `PLAIN/big?...` is larger than 1048576 bytes\n");
    EXPECT_EQ(error_text(client.send({.url = server("PLAIN") + "/flood"})),
              "error[SB0606]: `PLAIN/flood` is answered with headers of more than 262144 bytes\n");
}

TEST(RealHttp, RefusalsAreExplained) {
    auto client = trusting_client();
    const std::string url = server("TLS") + "/refused?status=";
    EXPECT_EQ(error_text(fetch(client, {.url = url + "403"})),
              "error[SB0609]: `TLS/refused?...` is answered with status 403\ncaused by: {\"message\": \"no\\u001b[2J entry\"}\n"
              "hint: the server wants a token or password; a rate limit is answered like this too\n");
    EXPECT_THAT(error_text(fetch(client, {.url = url + "401", .secrets = {{"Authorization", Secret("Bearer ghp_secret")}}})),
                ::testing::AllOf(HasSubstr("hint: the server refuses the token or password; it may be out of date or lack a permission\n"),
                                 Not(HasSubstr("ghp_secret"))));
    EXPECT_THAT(error_text(fetch(client, {.url = url + "429"})),
                HasSubstr("hint: the server limits the number of requests; try again later\n"));
}

/// Zeros that are made while they are sent.
class ZeroBody : public HttpBody {
  public:
    explicit ZeroBody(std::uint64_t size) : m_size(size) {}
    std::uint64_t size() const override { return m_size; }
    Result<std::size_t> read(char* buffer, std::size_t size) override {
        if (fail) return Diagnostic{.code = "SB0501", .what = "cannot read `x`"};
        const std::size_t count = std::min<std::uint64_t>(size, m_size - m_given);
        std::fill_n(buffer, count, '\0');
        m_given += count;
        return count;
    }
    Result<> rewind() override {
        m_given = 0;
        return Unit{};
    }
    bool fail = false;

  private:
    std::uint64_t m_size;
    std::uint64_t m_given = 0;
};

TEST(RealHttp, BodiesAreStreamed) {
    auto client = trusting_client();
    constexpr std::size_t size = std::size_t{8} << 20;
    const std::string digest = sha256_hex(std::string(size, '\0'));
    for (const char* method : {"PUT", "POST", "PATCH"}) {
        ZeroBody body(size);
        const auto response = client.send({.url = server("TLS") + "/echo", .method = method, .body = &body});
        ASSERT_TRUE(response) << error_text(response);
        EXPECT_EQ(response->body, method + (" " + std::to_string(size) + " " + digest));
    }
    EXPECT_THAT(client.send({.url = server("TLS") + "/echo", .method = "DELETE"})->body, HasSubstr("DELETE 0 "));
}

TEST(RealHttp, ThreadsSendAtTheSameTime) {
    auto client = trusting_client();
    constexpr std::size_t size = std::size_t{2} << 20;
    const std::string expected = "POST " + std::to_string(size) + " " + sha256_hex(std::string(size, '\0'));
    std::vector<std::future<std::string>> answers;
    for (int thread = 0; thread < 8; ++thread) {
        answers.push_back(std::async(std::launch::async, [&client] {
            std::string body_text;
            for (int request = 0; request < 3; ++request) {
                ZeroBody body(size);
                const auto response = client.send({.url = server("TLS") + "/echo", .method = "POST", .body = &body});
                body_text = response ? response->body : error_text(response);
            }
            return body_text;
        }));
    }
    for (auto& answer : answers) EXPECT_EQ(answer.get(), expected);
}

TEST(RealHttp, ABodyMayFailAndAServerMayHangUp) {
    auto client = trusting_client();
    ZeroBody body(std::size_t{64} << 20);
    // Without the block of SIGPIPE this would end the test program.
    EXPECT_THAT(error_text(client.send({.url = server("TLS") + "/hangs-up", .method = "PUT", .body = &body})), HasSubstr("error[SB0608]"));
    body.fail = true;
    EXPECT_EQ(error_text(client.send({.url = server("TLS") + "/echo", .method = "PUT", .body = &body})),
              "error[SB0501]: cannot read `x`\n");
}

}  // namespace
}  // namespace sagebuild
