#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/cli_run.hpp"
#include "support/fixed_environment.hpp"
#include "support/golden.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {

namespace {

testing::CliRun export_project(std::vector<std::string> arguments) {
    const test::WorkingDirectory there(SAGEBUILD_SOURCE_DIR);
    arguments.insert(arguments.begin(), {"matrix", "export"});
    return testing::run_cli(test::FixedEnvironment(), arguments);
}

}  // namespace

/// The example of the documentation is what the tool prints for that target, spread over lines.
TEST(MatrixExport, JobsAreAsDocumented) {
    const std::string document = test::read_file(std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "docs" / "json.md");
    const std::size_t section = document.find("## `sagebuild matrix export --format gha`");
    ASSERT_NE(section, std::string::npos);
    const std::size_t begin = document.find("```json\n", section) + 8;
    const auto documented = nlohmann::ordered_json::parse(document.substr(begin, document.find("```", begin) - begin));
    const auto run = export_project({"default", "--format", "gha"});
    EXPECT_EQ(run.out, documented.dump() + "\n");
    EXPECT_EQ(run.err, "");
}

TEST(MatrixExport, FormatMustBeSaid) {
    const auto run = export_project({});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("--format is required"), std::string::npos) << run.err;
}

}  // namespace sagebuild
