#include <gtest/gtest.h>

#include "core/diagnostic.hpp"
#include "support/golden.hpp"
#include "support/seeded_random.hpp"
#include "text/candidate_names.hpp"
#include "text/environment_json.hpp"
#include "text/json_document.hpp"

namespace sagebuild {
namespace {

struct Fault {
    std::string label;
    std::string input;
};

class EnvironmentFault : public testing::TestWithParam<Fault> {};

TEST_P(EnvironmentFault, IsExplainedWithItsPlace) {
    const auto reading = parse_environment_json(GetParam().input, "env.json");
    ASSERT_FALSE(reading);
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "select" / "environment" / (GetParam().label + ".txt"),
                                     render_diagnostics(reading.errors())));
}

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

INSTANTIATE_TEST_SUITE_P(
    Rows, EnvironmentFault,
    testing::Values(Fault{"empty", ""}, Fault{"no_json", "python: 3.12\n"}, Fault{"a_list", "[]"},
                    Fault{"duplicate_key", "{\n  \"python\": \"3.12\",\n  \"python\": \"3.13\"\n}"},
                    Fault{"types", "{\"python\": 3.10, \"torch\": [], \"free_threaded\": \"no\",\n \"sm\": \"8.9\", \"os\": {}}"},
                    Fault{"values",
                          "{\"python\": \"3\", \"torch\": \"two\", \"torch_cuda\": \"12,9\", \"driver\": \"new\",\n"
                          " \"sm\": [\"8.9\", \"sm_90\", 9.0, \"9.0a\"], \"os\": \"Linux\", \"glibc\": \"2.x\"}"},
                    Fault{"contradiction", "{\"torch\": \"2.9.1+cu129\", \"torch_cuda\": \"13.0\"}"},
                    Fault{"too_deep", "{\"sm\": " + nested(100'000) + "}"},
                    Fault{"too_many_values", "{\"sm\": [" +
                                                 [] {
                                                     std::string text = "1";
                                                     for (int count = 0; count < 100'000; ++count) text += ",1";
                                                     return text;
                                                 }() +
                                                 "]}"},
                    Fault{"cut", "{\"python\": \"3.1"}, Fault{"behind_the_end", "{} {}"}, Fault{"comma", "{\"python\": \"3.12\",}"},
                    Fault{"not_utf8", "{\"os\": \"\xff\"}"}, Fault{"surrogate", "{\"os\": \"\\ud800\"}"},
                    Fault{"control", "{\"os\": \"a\nb\"}"}, Fault{"number", "{\"python\": 03}"}),
    [](const auto& row) { return row.param.label; });

TEST(EnvironmentJson, ComesBackUnchanged) {
    const std::string text =
        "{\n  \"python\": \"3.12\",\n  \"free_threaded\": false,\n  \"torch\": \"2.7.1\",\n  \"torch_cuda\": \"12.8\",\n"
        "  \"torch_cxx11_abi\": true,\n  \"driver\": \"570.124.06\",\n  \"toolkit\": null,\n  \"os\": \"linux\",\n  \"arch\": \"x86_64\",\n"
        "  \"glibc\": \"2.35\",\n  \"sm\": [\n    \"8.9\"\n  ]\n}\n";
    const auto reading = parse_environment_json(text, "env.json");
    ASSERT_TRUE(reading) << render_diagnostics(reading.errors());
    EXPECT_EQ(render_environment_json(reading->environment), text);
    EXPECT_TRUE(reading->warnings.empty());
}

TEST(EnvironmentJson, ReadsTorchAsItNamesItself) {
    const auto torch_of = [](const std::string& text) {
        WheelEnvironment environment;
        if (!parse_torch(text, environment)) return std::string("no");
        return environment.torch->to_string() + " " + (environment.torch_cuda ? environment.torch_cuda->to_string() : "-") +
               (environment.torch_is_cpu ? " cpu" : "");
    };
    EXPECT_EQ(torch_of("2.9.1+cu129"), "2.9.1 12.9");
    EXPECT_EQ(torch_of("2.9.1+cpu"), "2.9.1 - cpu");
    EXPECT_EQ(torch_of("2.13.0.dev20260610+cu130"), "2.13.0 13.0");
    EXPECT_EQ(torch_of("2.7.0a0+79aa17489c.nv25.04"), "2.7.0 -");
    EXPECT_EQ(torch_of("2.10"), "2.10 -");
    EXPECT_EQ(torch_of("2"), "no");
    EXPECT_EQ(torch_of("two"), "no");
}

TEST(EnvironmentJson, WarnsOfKeysThatNothingReads) {
    const auto reading = parse_environment_json("{\"glib\": \"2.35\"}", "env.json");
    ASSERT_TRUE(reading);
    EXPECT_EQ(render_diagnostics(reading->warnings), "warning[SB0421]: key `glib` is not read\n  --> env.json:1:2\nnearest: glibc\n");
}

class NamesFault : public testing::TestWithParam<Fault> {};

TEST_P(NamesFault, IsExplainedWithItsLine) {
    const auto reading = parse_candidate_names(GetParam().input, "names.txt");
    ASSERT_FALSE(reading);
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "select" / "names" / (GetParam().label + ".txt"),
                                     render_diagnostics(reading.errors())));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NamesFault,
    testing::Values(Fault{"object_without_name", "a-1-py3-none-any.whl\n{\"sm\": [\"8.9\"]}\n"},
                    Fault{"wrong_types",
                          "# wheels\n\n{\"name\": 1, \"sm\": [8.9], \"dispatch\": [\"9.0a\"], \"yanked\": \"no\", \"sha256\": \"abc\"}\n"},
                    Fault{"broken_object", "{\"name\": \"a-1-py3-none-any.whl\"\n{\"name\": \"a\", \"name\": \"b\"}\n"},
                    Fault{"long_line", std::string(1 << 17, 'x')}),
    [](const auto& row) { return row.param.label; });

TEST(CandidateNames, KeepsEachNameOnceWithWhatIsKnown) {
    const auto reading = parse_candidate_names(
        "a-1-py3-none-any.whl\r\n\n# b\n  {\"name\": \"a-1-py3-none-any.whl\", \"sm\": [\"9.0a\", \"12.0+PTX\"]}\nnot a wheel", "n");
    ASSERT_TRUE(reading) << render_diagnostics(reading.errors());
    ASSERT_EQ(reading->candidates.size(), 2U);
    EXPECT_EQ(reading->candidates[0].name, "a-1-py3-none-any.whl");
    ASSERT_TRUE(reading->candidates[0].content && reading->candidates[0].content->images);
    EXPECT_EQ(reading->candidates[0].content->images->at(1).arch.to_string(), "12.0");
    EXPECT_TRUE(reading->candidates[0].content->images->at(1).ptx);
    EXPECT_EQ(reading->candidates[1].name, "not a wheel");
}

TEST(JsonDocument, DecodesTextsAndKeepsNumbers) {
    const JsonSource source{"a.json", "SB0421"};
    const auto node = parse_json("{\"a\": [\"\\u00e9\\n\\ud83d\\ude00\", -1.50e3, true, null]}", source);
    ASSERT_TRUE(node) << render_diagnostics(node.errors());
    const JsonNode& list = *node->find("a");
    EXPECT_EQ(list.items[0].text, "\xc3\xa9\n\xf0\x9f\x98\x80");
    EXPECT_EQ(list.items[1].text, "-1.50e3");
    EXPECT_TRUE(list.items[2].boolean);
    EXPECT_EQ(list.items[3].column, 47);
}

TEST(JsonDocument, ArbitraryEditsAreReadOrRefused) {
    test::SeededRandom random;
    const std::string whole =
        "{\"python\": \"3.12\", \"free_threaded\": false, \"sm\": [\"8.9\", \"12.0\"], \"torch\": null, \"x\": -1.5e3}";
    for (int round = 0; round < 20000; ++round) {
        std::string text = whole;
        for (int edits = random.between(1, 5); edits > 0 && !text.empty(); --edits) {
            const std::size_t at = random.below(text.size());
            if (random.chance(50)) {
                text[at] = static_cast<char>(random.below(256));
            } else {
                text.erase(at, 1 + random.below(10));
            }
        }
        const auto reading = parse_environment_json(text, "env.json");
        if (reading) continue;
        ASSERT_EQ(reading.errors().front().code, "SB0421");
        ASSERT_GT(reading.errors().front().place.line, 0);
    }
}

}  // namespace
}  // namespace sagebuild
