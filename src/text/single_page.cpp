#include "text/single_page.hpp"

#include "text/html_text.hpp"
#include "text/sha256.hpp"

namespace sagebuild {

namespace {

/// `'sha256-...'` of a Content-Security-Policy: padded base64 of the standard alphabet (CSP Level 3, "hash-source").
std::string source_hash(std::string_view bytes) {
    std::string digest = sha256_base64url(bytes);
    for (char& letter : digest) letter = letter == '-' ? '+' : letter == '_' ? '/' : letter;
    return "'sha256-" + digest + "='";
}

/// JSON inside a `<script>` data block: no `<` may end the block or begin a comment.
std::string escape_data(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (const char letter : json) letter == '<' ? out += "\\u003c" : out += letter;
    return out;
}

}  // namespace

std::string render_single_page(const SinglePage& page) {
    const std::string style(page.style), script(page.script);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
           source_hash(style) + "; script-src " + source_hash(script) +
           "; base-uri 'none'; form-action 'none'\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
           "<title>" +
           escape_html(page.title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n" + page.body +
           "\n<script type=\"application/json\" id=\"data\">" + escape_data(page.data) + "</script>\n<script>" + script +
           "</script>\n</body>\n</html>\n";
}

}  // namespace sagebuild
