#include "text/index_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sagebuild {
namespace {

const Url page = *parse_url("https://index.example/simple/sageattention/");

std::string shown(const Result<std::vector<ListedWheel>>& wheels) {
    if (!wheels) return render_diagnostics(wheels.errors());
    std::string out;
    for (const ListedWheel& wheel : *wheels) {
        out += wheel.name + " " + wheel.url.to_string() + (wheel.sha256.empty() ? "" : " " + wheel.sha256.substr(0, 4)) +
               (wheel.size ? " " + std::to_string(*wheel.size) : "") +
               (wheel.requires_python.empty() ? "" : " python" + wheel.requires_python) + (wheel.yanked ? " yanked" : "") + "\n";
    }
    return out;
}

const std::string digest = "ABCD" + std::string(60, '0');

TEST(IndexHtml, LinksAreWheels) {
    const std::string html =
        "<!DOCTYPE html><html><head><meta name=\"pypi:repository-version\" content=\"1.3\"><title>x</title></head><body>\n"
        "<a href=\"../../packages/a-1-py3-none-any.whl#sha256=" +
        digest +
        "\" data-requires-python=\"&gt;=3.9\">a</a><br/>\n"
        "<A HREF='https://cdn.example/b%2Bcu128-1-py3-none-any.whl?sig=1' data-yanked>b</A>\n"
        "<a href=\" c-1-py3-none-any.whl\n\" data-yanked=\"broken\" data-requires-python=\">=3.10,<4\">\n"
        "<a href=\"file:///srv/l-1-py3-none-any.whl\">l</a> <a href=d-1.tar.gz>d</a> <a>none</a> <a href=\"mailto:x@y.whl\">m</a> <a "
        "href=\"javascript:e.whl\">j</a>\n"
        "<!-- <a href=\"hidden-1-py3-none-any.whl\"> --> <script>'<a href=\"script-1-py3-none-any.whl\">'</script>\n"
        "<a href=\"f-1-py3-none-any.whl#md5=0123\">f</a>";
    EXPECT_EQ(shown(parse_index_html(html, page)),
              "a-1-py3-none-any.whl https://index.example/packages/a-1-py3-none-any.whl abcd python>=3.9\n"
              "b+cu128-1-py3-none-any.whl https://cdn.example/b%2Bcu128-1-py3-none-any.whl?sig=1 yanked\n"
              "c-1-py3-none-any.whl https://index.example/simple/sageattention/c-1-py3-none-any.whl python>=3.10,<4 yanked\n"
              "f-1-py3-none-any.whl https://index.example/simple/sageattention/f-1-py3-none-any.whl\n");
}

TEST(IndexHtml, TheBaseCounts) {
    EXPECT_EQ(shown(parse_index_html("<base href=\"/files/\"><a href=\"a-1-py3-none-any.whl\">a</a>", page)),
              "a-1-py3-none-any.whl https://index.example/files/a-1-py3-none-any.whl\n");
    EXPECT_EQ(shown(parse_index_html("<base href=\"file:///etc/\"><a href=\"a-1-py3-none-any.whl\">a</a>", page)),
              "a-1-py3-none-any.whl https://index.example/simple/sageattention/a-1-py3-none-any.whl\n");
}

TEST(IndexHtml, AnotherVersionIsRefused) {
    EXPECT_EQ(shown(parse_index_html("<meta name=\"pypi:repository-version\" content=\"2.0\">", page)),
              "error[SB0562]: index page `https://index.example/simple/sageattention/` cannot be understood\n"
              "caused by: it is of the repository version `2.0`, and 1 is understood\n");
}

TEST(IndexHtml, HostilePagesAreHarmless) {
    for (const std::string& text :
         {std::string(), std::string("\0\0\0", 3), std::string("<a href="), std::string("<a href=\"%00x.whl\">"), std::string("\xff\xfe<"),
          std::string("<a href=\"..%2F..%2Fetc%2Fpasswd.whl\">"), std::string("<a href=\"x%0a.whl\">"), std::string("{}")})
        EXPECT_EQ(shown(parse_index_html(text, page)), "") << text;
    std::string deep;
    for (int level = 0; level < 300000; ++level) deep += "<div>";
    EXPECT_EQ(parse_index_html(deep + "<a href=\"a-1-py3-none-any.whl\">", page).value().size(), 1U);
    std::string wide = "<a";
    for (int number = 0; number < 50000; ++number) wide += " x" + std::to_string(number);
    EXPECT_EQ(shown(parse_index_html(wide + " href=\"a-1-py3-none-any.whl\">", page)), "") << "attributes have a number";
}

TEST(IndexJson, FilesAreWheels) {
    const std::string json = R"({"meta": {"api-version": "1.1"}, "name": "sageattention", "files": [
        {"filename": "a-1-py3-none-any.whl", "url": "https://cdn.example/a-1-py3-none-any.whl", "hashes": {"sha256": ")" +
                             digest + R"("},
         "requires-python": ">=3.9", "yanked": false, "size": 7},
        {"filename": "b-1-py3-none-any.whl", "url": "b-1-py3-none-any.whl", "hashes": {"sha256": "short"}, "yanked": "broken", "size": -1},
        {"filename": "c-1-py3-none-any.whl", "url": "//cdn.example/c", "hashes": null, "yanked": true},
        {"filename": "d-1.tar.gz", "url": "d-1.tar.gz"}, {"filename": "../e-1-py3-none-any.whl", "url": "e"}, {"filename": "f.whl", "url": "ftp://x/"},
        {"filename": "g-1-py3-none-any.whl", "url": "file:///srv/g-1-py3-none-any.whl"}]})";
    EXPECT_EQ(shown(parse_index_json(json, page)),
              "a-1-py3-none-any.whl https://cdn.example/a-1-py3-none-any.whl abcd 7 python>=3.9\n"
              "b-1-py3-none-any.whl https://index.example/simple/sageattention/b-1-py3-none-any.whl yanked\n"
              "c-1-py3-none-any.whl https://cdn.example/c yanked\n");
}

TEST(IndexJson, OtherJsonIsRefused) {
    const std::string refused = "error[SB0562]: index page `https://index.example/simple/sageattention/` cannot be understood\ncaused by: ";
    const std::pair<std::string, std::string> cases[] = {
        {"", "it is no JSON object\n"},
        {"[]", "it is no JSON object\n"},
        {std::string(200000, '['), "it is no JSON object\n"},
        {"{}", "it is of the API version ``, and 1 is understood\n"},
        {R"({"meta": {"api-version": "2.0"}})", "it is of the API version `2.0`, and 1 is understood\n"},
        {R"({"meta": {"api-version": 1}})", "it is of the API version ``, and 1 is understood\n"},
        {R"({"meta": {"api-version": "1.0"}, "files": [1]})", "one of its `files` is no object\n"},
    };
    for (const auto& [json, cause] : cases) EXPECT_EQ(shown(parse_index_json(json, page)), refused + cause);
    EXPECT_EQ(shown(parse_index_json(R"({"meta": {"api-version": "1.0"}, "files": {}})", page)), "");
    EXPECT_EQ(shown(parse_index_json(R"({"meta": {"api-version": "1.0"}, "projects": []})", page)), "");
}

}  // namespace
}  // namespace sagebuild
