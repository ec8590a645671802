#include "text/simple_index.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/golden.hpp"
#include "support/seeded_random.hpp"
#include "text/index_page.hpp"
#include "text/simple_index_state.hpp"
#include "text/simple_index_yanks.hpp"

namespace sagebuild {
namespace {

const std::string digest(64, 'a');

std::filesystem::path golden(const std::string& name) {
    return test::golden_directory() / "index" / "pages" / name;
}

/// What a publisher, a release or a list of withdrawn wheels might bring.
IndexProject hostile_project() {
    IndexProject project{.name = "a-b", .versions = {"1.0", "1.0+cu128torch2.8"}, .files = {}};
    project.files.push_back({.name = "a_b-1.0+cu128torch2.8-cp312-cp312-linux_x86_64.whl",
                             .url = "../../files/0123456789abcdef/a_b-1.0%2Bcu128torch2.8-cp312-cp312-linux_x86_64.whl",
                             .sha256 = digest,
                             .size = 5000000000,
                             .requires_python = ">=3.9,<4",
                             .upload_time = "2026-11-21T10:11:12Z",
                             .metadata_sha256 = std::string(64, 'b')});
    project.files.push_back({.name = "a_b-1.0-py3-none-any.whl",
                             .url = "https://example.com/a_b-1.0-py3-none-any.whl?x=1&y=\"><script>alert(1)</script>",
                             .sha256 = digest,
                             .size = 1,
                             .requires_python = "\"><img src=x onerror=alert(1)>\n",
                             .yanked = "broken \"on\" <sm90> & \x1b[31m\xff"});
    project.files.push_back({.name = "a_b-2.0-py3-none-any.whl", .url = "x.whl", .sha256 = digest, .size = 2, .yanked = ""});
    return project;
}

TEST(SimpleIndex, PagesAreAsInTheGoldens) {
    EXPECT_TRUE(test::matches_golden(golden("project.html"), render_project_html(hostile_project())));
    EXPECT_TRUE(test::matches_golden(golden("project.json"), render_project_json(hostile_project())));
    EXPECT_TRUE(test::matches_golden(golden("list.html"), render_project_list_html({"a-b", "c<d>"})));
    EXPECT_TRUE(test::matches_golden(golden("list.json"), render_project_list_json({"a-b", "c<d>"})));
    const std::vector<IndexSummary> summaries = {{"simple", {}, 0}, {"torch2.8-cu129", {"a-b", "c"}, 12}};
    EXPECT_TRUE(test::matches_golden(golden("site.html"), render_site_page(summaries)));
}

/// Without all sizes the page keeps to the version of the API that does not promise them.
TEST(SimpleIndex, AnUnknownSizeLowersTheVersion) {
    IndexProject project = hostile_project();
    project.files.back().size.reset();
    const auto json = nlohmann::json::parse(render_project_json(project));
    EXPECT_EQ(json["meta"]["api-version"], "1.0");
    EXPECT_FALSE(json.contains("versions"));
    EXPECT_NE(render_project_html(project).find("content=\"1.0\""), std::string::npos);
}

/// Our own readers find in both pages what was written, whatever the texts hold.
TEST(SimpleIndex, WhatIsWrittenIsReadBack) {
    test::SeededRandom random;
    const Url page = parse_url("https://host/prefix/torch2.8-cu129/p/").value();
    for (int round = 0; round < 300; ++round) {
        IndexProject project{.name = "p", .versions = {"1"}, .files = {}};
        for (std::size_t count = random.below(4); count > 0; --count) {
            const std::string name = "p-1-" + std::to_string(count) + random.text("abc+._", 6) + "-py3-none-any.whl";
            project.files.push_back(
                {.name = name,
                 .url = "../../files/x/" + percent_encoded(name),
                 .sha256 = random.text("0123456789abcdef", 64),
                 .size = random.below(1000),
                 .requires_python = random.text("<>=&\"'3.9 ,;#", random.below(12)),
                 .yanked = random.chance(50) ? std::optional(random.text("<a href=\"&'>", random.below(9))) : std::nullopt});
        }
        const auto html = parse_index_html(render_project_html(project), page);
        const auto json = parse_index_json(render_project_json(project), page);
        ASSERT_TRUE(html && json);
        ASSERT_EQ(html->size(), project.files.size());
        ASSERT_EQ(json->size(), project.files.size());
        for (std::size_t index = 0; index < project.files.size(); ++index) {
            const IndexFile& file = project.files[index];
            for (const ListedWheel& read : {(*html)[index], (*json)[index]}) {
                EXPECT_EQ(read.name, file.name);
                EXPECT_EQ(read.url.to_string(), "https://host/prefix/files/x/" + percent_encoded(file.name));
                EXPECT_EQ(read.sha256, file.sha256);
                EXPECT_EQ(read.requires_python, file.requires_python);
                EXPECT_EQ(read.yanked, file.yanked.has_value());
            }
        }
    }
}

IndexState example_state() {
    IndexState state{.files = {"index.html", "simple/index.html"}, .wheels = {}};
    KnownWheel known{.content = CandidateContent{.images = {{}}, .dispatch = {{}}, .any_torch = true, .minimum_torch = {}, .toolkit = {}},
                     .sha256 = digest,
                     .size = 7,
                     .requires_python = ">=3.9",
                     .torch = parse_version("2.8.0"),
                     .cuda = {},
                     .metadata_sha256 = std::string(64, 'b')};
    known.content->images = {{parse_arch("9.0a").value(), true, false}, {parse_arch("8.0").value(), false, true}};
    known.content->dispatch = {parse_arch("8.9").value()};
    known.content->minimum_torch = parse_version("2.6");
    known.content->toolkit = parse_version("12.9.1");
    state.wheels[{"a-1-py3-none-any.whl", "size=7 modified=8"}] = known;
    known.content.reset();
    state.wheels[{"b-1-py3-none-any.whl", "sha256=" + digest}] = known;
    return state;
}

TEST(SimpleIndexState, IsReadBack) {
    const std::string text = render_index_state(example_state());
    const auto read = parse_index_state(text, "x");
    ASSERT_TRUE(read);
    EXPECT_EQ(render_index_state(*read), text);
    EXPECT_EQ(read->wheels.begin()->second.content->images->front().arch.to_string(), "9.0a");
}

/// A damaged file is told, never half believed, and cannot make the next run remove files elsewhere.
TEST(SimpleIndexState, DamageIsTold) {
    const std::string whole = render_index_state(example_state());
    const std::string expected =
        "error[SB0668]: the notes of the index are not as this program writes them\n"
        "  --> site/.sagebuild-index.json\n"
        "hint: delete the directory and build it anew\n";
    std::vector<std::string> damaged = {"", "[]", "{}", whole.substr(0, whole.size() / 2)};
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = whole;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    damaged.push_back(replaced("\"schema\": 1", "\"schema\": 2"));
    damaged.push_back(replaced("simple/index.html", "../../etc/passwd"));
    damaged.push_back(replaced("simple/index.html", "/etc/passwd"));
    damaged.push_back(replaced("9.0a", "nine"));
    for (const std::string& text : damaged) {
        const auto read = parse_index_state(text, "site/.sagebuild-index.json");
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(render_diagnostics(read.errors()), expected);
    }
}

TEST(Yanks, AreReadWithTheirPlaces) {
    const auto yanks = parse_yanks("a-1-*.whl: wrong \"results\"\n'b-1-py3-none-any.whl': broken\n", "yanked.yaml");
    ASSERT_TRUE(yanks) << render_diagnostics(yanks.errors());
    ASSERT_EQ(yanks->size(), 2U);
    EXPECT_EQ((*yanks)[0].pattern.value, "a-1-*.whl");
    EXPECT_EQ((*yanks)[0].reason, "wrong \"results\"");
    EXPECT_EQ((*yanks)[1].pattern.place.line, 2);
    const auto json = parse_yanks("{\"a-1-*.whl\": \"as JSON\"}", "yanked.json");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->front().reason, "as JSON");
    for (const char* text : {"- a\n", "a: [b]\n", "a: ''\n", "a: 1\na: 2\n", "a\n"}) EXPECT_FALSE(parse_yanks(text, "yanked.yaml")) << text;
}

}  // namespace
}  // namespace sagebuild
