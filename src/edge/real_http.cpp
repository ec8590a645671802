#include "edge/real_http.hpp"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <optional>

#include "core/url.hpp"

namespace sagebuild {

namespace {

constexpr std::size_t most_header_bytes = std::size_t{256} << 10;
constexpr std::size_t most_refusal_bytes = std::size_t{64} << 10;
constexpr long upload_buffer_bytes = 512L << 10;  // libcurl asks for 64 KB at a time else

/// Writing to a connection that the other side has closed raises SIGPIPE, and CURLOPT_NOSIGNAL leaves it to us: it is held back in this
/// thread and taken away afterwards.
class PipeSignalBlock {
  public:
    PipeSignalBlock() {
        sigset_t pending;
        ::sigpending(&pending);
        m_was_pending = ::sigismember(&pending, SIGPIPE) == 1;
        ::sigemptyset(&m_pipe);
        ::sigaddset(&m_pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
    }
    PipeSignalBlock(const PipeSignalBlock&) = delete;
    PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;
    ~PipeSignalBlock() {
        const timespec now = {};
        if (!m_was_pending) ::sigtimedwait(&m_pipe, nullptr, &now);
        ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }

  private:
    sigset_t m_pipe = {};
    sigset_t m_before = {};
    bool m_was_pending = false;
};

class HeaderList {
  public:
    HeaderList() = default;
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
    ~HeaderList() { curl_slist_free_all(m_list); }
    void add(const std::string& line) { m_list = curl_slist_append(m_list, line.c_str()); }
    curl_slist* get() const { return m_list; }

  private:
    curl_slist* m_list = nullptr;
};

/// One request without its redirects, as libcurl's callbacks see it.
struct Exchange {
    const HttpRequest& request;
    const HttpSink& sink;
    HttpResponse response = {};
    std::uint64_t body_bytes = 0;
    std::size_t header_bytes = 0;
    Diagnostics failure = {};  ///< why a callback stopped the transfer

    bool is_redirect() const {
        const int status = response.status;
        const bool has_place = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        return has_place && request.method == "GET" && !response.header("location").empty();
    }
};

std::string shown_url(const std::string& text) {
    const auto url = parse_url(text);
    return "`" + (url ? url->shown() : std::string("URL")) + "`";
}

Diagnostic http_error(const std::string& code, const std::string& url, const std::string& what, const std::string& cause = "") {
    Diagnostic error = {.code = code, .what = shown_url(url) + " " + what};
    if (!cause.empty()) error.causes.push_back(cause);
    return error;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view bytes(data, size * count);
    exchange.header_bytes += bytes.size();
    if (exchange.header_bytes > most_header_bytes) {
        exchange.failure = {http_error("SB0606", exchange.request.url,
                                       "is answered with headers of more than " + std::to_string(most_header_bytes) + " bytes")};
        return 0;
    }
    std::string_view line = bytes;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {  // also after `100 Continue` and a proxy's answer: the last one counts
        exchange.response.headers.clear();
        const std::size_t space = line.find(' ');
        exchange.response.status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space + 1, 3)).c_str());
        return bytes.size();
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bytes.size();
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    exchange.response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    return bytes.size();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view piece(data, size * count);
    exchange.body_bytes += piece.size();
    if (exchange.body_bytes > exchange.request.limits.body_bytes) {
        exchange.failure = {
            http_error("SB0606", exchange.request.url, "is larger than " + std::to_string(exchange.request.limits.body_bytes) + " bytes")};
        return 0;
    }
    if (exchange.is_redirect()) return piece.size();
    if (!exchange.response.is_success()) {
        exchange.response.body += piece.substr(0, most_refusal_bytes - std::min(most_refusal_bytes, exchange.response.body.size()));
        return piece.size();
    }
    if (auto taken = exchange.sink(piece); !taken) {
        exchange.failure = std::move(taken).errors();
        return 0;
    }
    return piece.size();
}

std::size_t give_body(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    auto given = exchange.request.body->read(buffer, size * count);
    if (given) return *given;
    exchange.failure = std::move(given).errors();
    return CURL_READFUNC_ABORT;
}

int rewind_body(void* user, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    auto done = exchange.request.body->rewind();
    if (done) return CURL_SEEKFUNC_OK;
    exchange.failure = std::move(done).errors();
    return CURL_SEEKFUNC_FAIL;
}

long milliseconds(double seconds) {
    return std::max(1L, static_cast<long>(seconds * 1000));
}

Diagnostic transfer_error(CURLcode code, const std::string& url, const std::string& message) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return http_error("SB0602", url, "cannot be reached: its host name or the proxy's is not known", message);
        case CURLE_COULDNT_CONNECT:
            return http_error("SB0603", url, "cannot be reached: nothing accepts the connection", message);
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR: {
            Diagnostic error = http_error("SB0604", url, "cannot be reached securely", message);
            error.hints.push_back("`SSL_CERT_FILE` names the certificates of an authority of your own");
            return error;
        }
        case CURLE_OPERATION_TIMEDOUT:
            return http_error("SB0605", url, "did not answer in time", message);
        default:
            return http_error("SB0608", url, "broke off", message);
    }
}

Diagnostic unusable_url(const std::string& text) {
    return {.code = "SB0601", .what = shown_url(text) + " is no URL of a web server", .hints = {"write `https://HOST/PATH`"}};
}

/// The next place of a redirect, or why it is not followed.
Result<Url> follow(const Url& from, const HttpResponse& response) {
    const std::string location = response.header("location");
    const auto to = resolve_url(from, location);
    const std::string shown = to ? "`" + to->shown() + "`" : "`" + printable(location, 120) + "`";
    if (!to || to->scheme == "file") return http_error("SB0607", from.to_string(), "redirects to " + shown + ", which is no web page");
    if (from.scheme == "https" && to->scheme != "https")
        return http_error("SB0607", from.to_string(), "redirects from TLS to plain text, " + shown);
    return *to;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        unsigned group = 0;
        for (std::size_t index = 0; index < 3; ++index)
            group = group << 8 | (index < count ? static_cast<unsigned char>(bytes[at + index]) : 0U);
        for (std::size_t index = 0; index < 4; ++index) out += index <= count ? letters[group >> (18 - 6 * index) & 63] : '=';
    }
    return out;
}

/// A line break in a value would begin a header of somebody else's choice.
bool has_illegal_header(const std::vector<HttpHeader>& headers, const std::vector<SecretHeader>& secrets) {
    const auto is_illegal = [](const std::string& text) {
        return std::any_of(text.begin(), text.end(),
                           [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; });
    };
    return std::any_of(headers.begin(), headers.end(), [&](const HttpHeader& each) { return is_illegal(each.name + each.value); }) ||
           std::any_of(secrets.begin(), secrets.end(), [&](const SecretHeader& each) { return is_illegal(each.value.reveal()); });
}

}  // namespace

struct RealHttpClient::Handle {
    CURL* curl = curl_easy_init();
    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { curl_easy_cleanup(curl); }

    void set_up(const HttpSettings& settings, const Url& url, Exchange& exchange, const HeaderList& headers, double seconds_left) {
        const HttpRequest& request = exchange.request;
        curl_easy_reset(curl);
        curl_easy_setopt(curl, CURLOPT_URL, url.to_string().c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!settings.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str());
        if (!settings.ca_directory.empty()) curl_easy_setopt(curl, CURLOPT_CAPATH, settings.ca_directory.c_str());
        curl_easy_setopt(curl, CURLOPT_USERAGENT, settings.user_agent.c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(std::min(request.limits.connect_seconds, seconds_left)));
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(seconds_left));
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(request.limits.stalled_seconds)));
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
        if (request.body != nullptr) {
            curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
            curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
            curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
            curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
            curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
            curl_easy_setopt(curl, CURLOPT_SEEKDATA, &exchange);
            curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
        } else {
            curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
        }
        if (request.method != "GET") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
};

/// A handle that no other thread has, given back whatever happens.
class RealHttpClient::Loan {
  public:
    explicit Loan(RealHttpClient& client) : m_client(client) {
        const std::lock_guard lock(client.m_mutex);
        if (client.m_idle.empty()) {
            m_handle = std::make_unique<Handle>();
        } else {
            m_handle = std::move(client.m_idle.back());
            client.m_idle.pop_back();
        }
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
        const std::lock_guard lock(m_client.m_mutex);
        m_client.m_idle.push_back(std::move(m_handle));
    }
    Handle* operator->() const { return m_handle.get(); }

  private:
    RealHttpClient& m_client;
    std::unique_ptr<Handle> m_handle;
};

HttpSettings http_settings(const Environment& environment, std::string user_agent) {
    HttpSettings settings{
        .ca_file = {}, .ca_directory = environment.variable("SSL_CERT_DIR").value_or(""), .user_agent = std::move(user_agent)};
    for (const char* name : {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        if (settings.ca_file.empty()) settings.ca_file = environment.variable(name).value_or("");
    }
    return settings;
}

RealHttpClient::RealHttpClient(HttpSettings settings) : m_settings(std::move(settings)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

RealHttpClient::~RealHttpClient() = default;

Result<HttpResponse> RealHttpClient::send(const HttpRequest& request, const HttpSink& sink) {
    const auto first = parse_url(request.url);
    if (!first || first->scheme == "file") return unusable_url(request.url);
    std::vector<SecretHeader> secrets = request.secrets;
    if (!first->user.empty() || !first->password.empty())
        secrets.push_back({"Authorization", Secret("Basic " + base64(first->user + ":" + first->password.reveal()))});
    if (!secrets.empty() && first->scheme != "https" && !first->is_loopback())
        return http_error("SB0604", request.url, "would get a token or password without TLS");
    if (has_illegal_header(request.headers, secrets)) {
        return Diagnostic{.code = "SB0601",
                          .what = "a header for " + shown_url(request.url) + " holds a line break or another control character",
                          .hints = {"look at the environment variable or file that the token comes from"}};
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(request.limits.total_seconds);
    const PipeSignalBlock block;
    const Loan handle(*this);
    Url url = *first;
    for (int hop = 0; hop <= request.limits.redirects; ++hop) {
        Exchange exchange{.request = request, .sink = sink};
        HeaderList headers;
        for (const HttpHeader& header : request.headers) headers.add(header.name + ": " + header.value);
        if (url.origin() == first->origin()) {
            for (const SecretHeader& header : secrets) headers.add(header.name + ": " + header.value.reveal());
        }
        if (request.body != nullptr) headers.add("Expect:");  // many servers never answer `100 Continue`, and waiting for it costs a second
        const double left = std::chrono::duration<double>(deadline - std::chrono::steady_clock::now()).count();
        handle->set_up(m_settings, url, exchange, headers, std::max(left, 0.001));
        std::array<char, CURL_ERROR_SIZE> message = {};
        curl_easy_setopt(handle->curl, CURLOPT_ERRORBUFFER, message.data());
        const CURLcode code = curl_easy_perform(handle->curl);
        curl_easy_setopt(handle->curl, CURLOPT_ERRORBUFFER, nullptr);
        if (!exchange.failure.empty()) return std::move(exchange.failure);
        if (code != CURLE_OK) {
            const std::string text = message[0] != '\0' ? message.data() : curl_easy_strerror(code);
            return transfer_error(code, url.to_string(), printable(text, 300));
        }
        exchange.response.url = url.to_string();
        if (!exchange.is_redirect()) return std::move(exchange.response);
        SAGEBUILD_TRY(url, follow(url, exchange.response));
    }
    return http_error("SB0607", request.url, "redirects more than " + std::to_string(request.limits.redirects) + " times");
}

}  // namespace sagebuild
