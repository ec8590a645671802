#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/wheel_selection.hpp"
#include "support/golden.hpp"
#include "text/candidate_names.hpp"
#include "text/compat_yaml.hpp"
#include "text/environment_json.hpp"

namespace sagebuild {
namespace {

using Json = nlohmann::json;

const std::string data = SAGEBUILD_SOURCE_DIR "/tests/data/";

const Json& table() {
    static const Json table = Json::parse(test::read_file(data + "select/cases.json"));
    return table;
}

const Compat& compat() {
    static const Compat compat = parse_compat(embedded_compat_files()).value();
    return compat;
}

/// One case of the table: tests/data/select/README.md.
class SelectTable : public testing::TestWithParam<std::size_t> {
  protected:
    const Json& entry() const { return table()["cases"][GetParam()]; }

    WheelEnvironment environment() const {
        Json fields = table()["environments"][entry()["env"]];
        if (entry().contains("with")) fields.update(entry()["with"]);
        const auto reading = parse_environment_json(fields.dump(), "environment.json");
        EXPECT_TRUE(reading) << (reading ? "" : render_diagnostics(reading.errors()));
        return reading ? reading->environment : WheelEnvironment();
    }

    std::vector<WheelCandidate> candidates() const {
        std::string lines;
        const Json wheels = entry().contains("wheels") ? entry()["wheels"] : Json::array({entry()["wheel"]});
        for (const Json& wheel : wheels) lines += (wheel.is_string() ? wheel.get<std::string>() : wheel.dump()) + "\n";
        const auto reading = parse_candidate_names(lines, "names.txt");
        EXPECT_TRUE(reading) << (reading ? "" : render_diagnostics(reading.errors()));
        return reading ? reading->candidates : std::vector<WheelCandidate>();
    }
};

std::vector<std::size_t> indices(const std::vector<JudgedWheel>& judged) {
    std::vector<std::size_t> all;
    for (const JudgedWheel& wheel : judged) all.push_back(wheel.candidate);
    return all;
}

std::string describe(const JudgedWheel& wheel) {
    std::string text;
    for (const Misfit& misfit : wheel.misfits) text += std::string(category_name(misfit.category)) + ": " + misfit.text + "\n";
    for (const OpenQuestion& question : wheel.open) text += "open " + std::string(question.depends_on) + ": " + question.text + "\n";
    return text;
}

TEST_P(SelectTable, IsRight) {
    const WheelSelection selection = select_wheels(candidates(), environment(), entry().value("project", ""), compat());
    if (entry().contains("order")) {
        EXPECT_EQ(indices(selection.acceptable), entry()["order"].get<std::vector<std::size_t>>());
        if (entry().contains("misses")) {
            EXPECT_EQ(indices(selection.rejected), entry()["misses"].get<std::vector<std::size_t>>());
        }
        return;
    }
    ASSERT_EQ(selection.acceptable.size() + selection.rejected.size(), 1U);
    const JudgedWheel& wheel = selection.acceptable.empty() ? selection.rejected.front() : selection.acceptable.front();
    std::set<std::string> categories, open;
    for (const Misfit& misfit : wheel.misfits) categories.emplace(category_name(misfit.category));
    for (const OpenQuestion& question : wheel.open) open.emplace(question.depends_on);
    EXPECT_EQ(categories, entry()["reject"].get<std::set<std::string>>()) << describe(wheel);
    if (entry().contains("open")) {
        EXPECT_EQ(open, entry()["open"].get<std::set<std::string>>()) << describe(wheel);
    }
    if (entry().contains("against_name")) {
        EXPECT_EQ(wheel.against_name, entry()["against_name"].get<bool>());
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, SelectTable, testing::Range(std::size_t{0}, table()["cases"].size()),
                         [](const auto& row) { return table()["cases"][row.param]["id"].template get<std::string>(); });

TEST(SelectTableItself, HasEnoughCasesOnRealNamesWithSources) {
    std::set<std::string> real, ids, used;
    std::ifstream names(data + "wheel-names.txt");
    for (std::string line; std::getline(names, line);) real.insert(line);
    real.insert("sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
    EXPECT_GE(table()["cases"].size(), 120U);
    for (const Json& entry : table()["cases"]) {
        EXPECT_TRUE(ids.insert(entry["id"]).second) << entry["id"];
        EXPECT_FALSE(entry["source"].empty()) << entry["id"];
        for (const Json& source : entry["source"]) {
            EXPECT_TRUE(table()["sources"].contains(source)) << entry["id"];
            used.insert(source);
        }
        for (const Json& wheel : entry.contains("wheels") ? entry["wheels"] : Json::array({entry["wheel"]})) {
            EXPECT_TRUE(real.contains(wheel.is_string() ? wheel.get<std::string>() : wheel["name"].get<std::string>())) << entry["id"];
        }
    }
    EXPECT_EQ(used.size(), table()["sources"].size()) << "a source that no case uses";
}

TEST(SelectTableItself, KnowsEveryCategory) {
    std::set<std::string> categories;
    for (const Json& entry : table()["cases"]) {
        if (entry.contains("reject")) categories.merge(entry["reject"].get<std::set<std::string>>());
    }
    EXPECT_EQ(categories, (std::set<std::string>{"abi", "cuda-major", "name", "platform", "python", "sm", "torch-minor", "unparseable"}));
}

}  // namespace
}  // namespace sagebuild
