#include "text/html_tags.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

std::string shown(std::string_view html) {
    std::string out;
    scan_html_tags(html, [&out](const HtmlTag& tag) {
        out += "<" + tag.name;
        for (const auto& [name, value] : tag.attributes) out += " " + name + "=" + value;
        out += ">";
        return tag.name != "stop";
    });
    return out;
}

/// Behaviour as the HTML standard's tokenizer states it (13.2.5).
TEST(HtmlTags, AreTokenized) {
    const std::pair<const char*, const char*> cases[] = {
        {"", ""},
        {"plain < text <", ""},
        {"<a>", "<a>"},
        {"<A HREF=X Data-Y>", "<a href=X data-y=>"},
        {"<a href='it&apos;s' title=\"1 &lt; 2 &amp;&amp; 3 &gt; 2\">", "<a href=it's title=1 < 2 && 3 > 2>"},
        {"<a x=&#62;&#x3e;&#233;&#x1F600;&#0;&#xD800;&#99999999;>", "<a x=>>\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD>"},
        {"<a x=&copy;&;&#;&#x;&amp>", "<a x=&copy;&;&#;&#x;&amp>"},
        {"<a\n\thref = \"x\"\r\n>", "<a href=x>"},
        {"<br/><a href=x/y/>", "<br><a href=x/y/>"},
        {"<a/href=x>", "<a href=x>"},
        {"<a =x=1>", "<a =x=1>"},
        {"<a x=1 x=2>", "<a x=1 x=2>"},
        {"<a x=\"<b>\" y='>'>", "<a x=<b> y=>>"},
        {"<!-- <a> --><b>", "<b>"},
        {"<!-- <a> ", ""},
        {"<!DOCTYPE html><?xml <a ?></a><b>", "<b>"},
        {"<script>if (a<b) '<a href=x>'</scripty></SCRIPT><b>", "<script><b>"},
        {"<title><a></title><style><a></style><textarea><a>", "<title><style><textarea>"},
        {"<a href=x", ""},
        {"<a href=\"x", ""},
        {"<a href='x'", ""},
        {"<1><a>", "<a>"},
        {"<stop><a>", "<stop>"},
    };
    for (const auto& [html, tags] : cases) EXPECT_EQ(shown(html), tags) << html;
}

TEST(HtmlTags, TheFirstOfANameCounts) {
    scan_html_tags("<a x=1 X=2 y>", [](const HtmlTag& tag) {
        EXPECT_EQ(tag.find("x"), "1");
        EXPECT_EQ(tag.find("y"), "");
        EXPECT_EQ(tag.find("z"), std::nullopt);
        return true;
    });
}

}  // namespace
}  // namespace sagebuild
