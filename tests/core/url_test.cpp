#include "core/url.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace sagebuild {
namespace {

struct UrlCase {
    const char* text;
    const char* composed;  ///< nullptr: refused
};

class UrlParse : public ::testing::TestWithParam<UrlCase> {};

TEST_P(UrlParse, IsComposedAgain) {
    const auto url = parse_url(GetParam().text);
    ASSERT_EQ(url.has_value(), GetParam().composed != nullptr) << GetParam().text;
    if (url) {
        EXPECT_EQ(url->to_string(), GetParam().composed);
        EXPECT_EQ(parse_url(url->to_string())->to_string(), url->to_string());
    }
}

const UrlCase url_cases[] = {
    {"https://pypi.org/simple/torch/", "https://pypi.org/simple/torch/"},
    {"HTTPS://PyPI.org", "https://pypi.org/"},
    {"https://host:443/a", "https://host/a"},
    {"http://host:8080/a?b=c#d", "http://host:8080/a?b=c"},
    {"http://[::1]:8080/", "http://[::1]:8080/"},
    {"https://user:pass@host/a", "https://host/a"},
    {"https://a@b@host/a", "https://host/a"},
    {"https://host/a b/\xC3\xA9", "https://host/a%20b/%C3%A9"},
    {"https://host/a\\b", "https://host/a%5Cb"},
    {"https://host/a/../../b/./c", "https://host/b/c"},
    {"https://host/a/%2e%2E/b", "https://host/b"},
    {"https://host/a/..", "https://host/"},
    {"https://host?q", "https://host/?q"},
    {"file:///srv/wheels/", "file:///srv/wheels/"},
    {"file://localhost/srv", "file:///srv"},
    {"file:/srv", "file:///srv"},
    {"file://server/share", nullptr},
    {"file:srv", nullptr},
    {"https://", nullptr},
    {"https:/host", nullptr},
    {"https://:80/", nullptr},
    {"https://host:/", "https://host/"},
    {"https://host:0/", nullptr},
    {"https://host:65536/", nullptr},
    {"https://host:8x/", nullptr},
    {"https://ho st/", nullptr},
    {"https://h\xC3\xB6st/", nullptr},
    {"https://ho\nst/", nullptr},
    {"https://host/\x7f", nullptr},
    {"https://[::1/", nullptr},
    {"https://evil.test\\@good.test/", "https://good.test/"},
    {"javascript:alert(1)", nullptr},
    {"host/path", nullptr},
    {"", nullptr},
};

INSTANTIATE_TEST_SUITE_P(Url, UrlParse, ::testing::ValuesIn(url_cases));

/// RFC 3986, section 5.4, with `https` for `http`, as far as the schemes are ours.
TEST(Url, LinksAreResolved) {
    const auto base = *parse_url("https://a/b/c/d;p?q");
    const std::pair<const char*, const char*> cases[] = {
        {"g", "https://a/b/c/g"},     {"./g", "https://a/b/c/g"},    {"g/", "https://a/b/c/g/"},   {"/g", "https://a/g"},
        {"//g", "https://g/"},        {"?y", "https://a/b/c/d;p?y"}, {"g?y", "https://a/b/c/g?y"}, {"#s", "https://a/b/c/d;p?q"},
        {"g#s", "https://a/b/c/g"},   {";x", "https://a/b/c/;x"},    {"", "https://a/b/c/d;p?q"},  {".", "https://a/b/c/"},
        {"..", "https://a/b/"},       {"../g", "https://a/b/g"},     {"../../g", "https://a/g"},   {"../../../g", "https://a/g"},
        {"/./g", "https://a/g"},      {"g.", "https://a/b/c/g."},    {"..g", "https://a/b/c/..g"}, {"g;x=1/../y", "https://a/b/c/y"},
        {"http://h/x", "http://h/x"},
    };
    for (const auto& [reference, expected] : cases) {
        const auto url = resolve_url(base, reference);
        ASSERT_TRUE(url) << reference;
        EXPECT_EQ(url->to_string(), expected) << reference;
    }
    EXPECT_EQ(resolve_url(base, "g#sha256=ab")->fragment, "sha256=ab");
    EXPECT_FALSE(resolve_url(base, "mailto:x"));
    EXPECT_FALSE(resolve_url(base, "a\tb"));
}

TEST(Url, SecretsAreNotShown) {
    const auto url = *parse_url("https://user:pa%40ss@host/x?token=1#f");
    EXPECT_EQ(url.shown(), "https://host/x?...");
    EXPECT_EQ(url.user, "user");
    EXPECT_EQ(url.password.reveal(), "pa@ss");
    std::ostringstream out;
    out << url.password;
    EXPECT_EQ(out.str(), "****");
}

TEST(Url, PartsAreKnown) {
    EXPECT_EQ(parse_url("https://h/a/x%2B1.whl#f")->file_name(), "x+1.whl");
    EXPECT_EQ(parse_url("file:///a%20b/c")->decoded_path(), "/a b/c");
    EXPECT_EQ(parse_url("https://h/")->origin(), parse_url("https://H:443/x")->origin());
    EXPECT_NE(parse_url("https://h/")->origin(), parse_url("http://h/")->origin());
    EXPECT_NE(parse_url("https://h:8443/")->origin(), parse_url("https://h/")->origin());
    EXPECT_TRUE(parse_url("http://127.0.0.2/")->is_loopback());
    EXPECT_TRUE(parse_url("http://[::1]/")->is_loopback());
    EXPECT_FALSE(parse_url("http://127.example/")->is_loopback());
    EXPECT_EQ(percent_decoded("%41%4x%"), "A%4x%");
}

}  // namespace
}  // namespace sagebuild
