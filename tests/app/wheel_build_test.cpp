#include "app/wheel_build.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <filesystem>
#include <fstream>

#include "edge/real_clock.hpp"
#include "edge/real_environment.hpp"
#include "edge/real_file_system.hpp"
#include "edge/real_process.hpp"
#include "support/example_wheel.hpp"
#include "support/fake_http_client.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

namespace sagebuild {
namespace {

class WheelStepTest : public ::testing::Test {
  protected:
    Result<> run(const WheelRecipe& recipe) { return run_wheel_step(recipe, {m_files, m_processes, m_environment, m_clock, m_http}); }
    std::string directory() const { return m_directory.path().string(); }

    test::TemporaryDirectory m_directory;

  private:
    RealFileSystem m_files;
    RealProcessRunner m_processes;
    RealEnvironment m_environment;
    RealClock m_clock;
    testing::FakeHttpClient m_http;
};

/// Every generated file of both kinds of wheel, whole.
TEST_F(WheelStepTest, WritesTheMetadataOfARow) {
    auto wheel = test::make_example_wheel(test::example_row());
    const auto golden = test::golden_directory() / "wheel-files" / "row";
    for (const std::string name : {"METADATA", "WHEEL", "RECORD", "sagebuild.json"})
        EXPECT_TRUE(test::matches_golden(golden / name, wheel.info(name)));
    EXPECT_TRUE(test::matches_golden(golden / "_build.py", wheel.file("sageattention/_build.py")));
}

TEST_F(WheelStepTest, WritesTheMetadataOfTheUniversalWheel) {
    auto wheel = test::make_example_wheel(test::example_universal());
    const auto golden = test::golden_directory() / "wheel-files" / "universal";
    for (const std::string name : {"METADATA", "WHEEL", "sagebuild.json"})
        EXPECT_TRUE(test::matches_golden(golden / name, wheel.info(name)));
    EXPECT_TRUE(test::matches_golden(golden / "_build.py", wheel.file("sageattention/_build.py")));
}

TEST_F(WheelStepTest, OnlyTheLibraryIsExecutable) {
    for (const ZipEntry& entry : test::make_example_wheel(test::example_row()).entries) {
        EXPECT_EQ(entry.executable, entry.path == "sageattention/_native.so") << entry.path;
    }
}

TEST_F(WheelStepTest, AUnitWithoutImagesIsNotInTheManifest) {
    WheelRecipe recipe = test::example_recipe(test::example_row(), directory());
    recipe.target.units.insert(recipe.target.units.begin(), {"sm130_attention", "sm130.cu", {}, {}});
    const auto done = run(recipe);
    EXPECT_TRUE(done) << (done ? "" : render_diagnostics(done.errors()));
}

TEST(BuildModule, OneArchIsStillATuple) {
    Target target = test::example_row();
    target.archs.resize(1);
    EXPECT_NE(render_build_module(target).find("ARCHS = (\"8.0\",)\n"), std::string::npos);
}

/// Another directory, another time zone (with an hour that the zone skips as the time of the files), another order of the same files.
TEST_F(WheelStepTest, SameInputsGiveTheSameBytesAnywhere) {
    WheelRecipe first = test::example_recipe(test::example_row(), directory() + "/a");
    WheelRecipe second = test::example_recipe(test::example_row(), directory() + "/elsewhere/b");
    std::swap(second.files.front(), second.files.back());
    first.source_date_epoch = second.source_date_epoch = 1616898600;  // 2021-03-28 02:30 UTC; Berlin has no 02:30 that day
    setenv("TZ", "UTC", 1);
    tzset();
    ASSERT_TRUE(run(first));
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    ASSERT_TRUE(run(second));
    unsetenv("TZ");
    tzset();
    EXPECT_EQ(test::read_file(first.output), test::read_file(second.output));
}

TEST_F(WheelStepTest, TheTimeOfTheFilesIsTheRecipes) {
    WheelRecipe recipe = test::example_recipe(test::example_row(), directory());
    recipe.source_date_epoch = 0;  // before zip's first year
    ASSERT_TRUE(run(recipe));
    const std::string bytes = test::read_file(recipe.output);
    EXPECT_EQ(bytes.substr(10, 4), std::string("\0\0\x21\0", 4));  // 1980-01-01 00:00
}

TEST_F(WheelStepTest, MissingFilesAreAllNamedAndNothingIsWritten) {
    WheelRecipe recipe = test::example_recipe(test::example_row(), directory());
    std::filesystem::remove(recipe.library);
    std::filesystem::remove(recipe.license_file);
    std::filesystem::remove(recipe.readme);
    const auto done = run(recipe);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.errors().size(), 3U) << render_diagnostics(done.errors());
    EXPECT_FALSE(std::filesystem::exists(recipe.output));
}

struct WrongRecipe {
    std::string label;
    void (*break_it)(WheelRecipe&);
};

void PrintTo(const WrongRecipe& recipe, std::ostream* out) {
    *out << recipe.label;
}

class WrongRecipeTest : public WheelStepTest, public ::testing::WithParamInterface<WrongRecipe> {};

TEST_P(WrongRecipeTest, IsExplainedAndNothingIsWritten) {
    WheelRecipe recipe = test::example_recipe(test::example_row(), directory());
    GetParam().break_it(recipe);
    const auto done = run(recipe);
    ASSERT_FALSE(done);
    std::string text = render_diagnostics(done.errors());
    for (std::size_t at = text.find(directory()); at != std::string::npos; at = text.find(directory()))
        text.replace(at, directory().size(), "BUILD");
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "wheel" / GetParam().label / "expected.txt", text));
    EXPECT_FALSE(std::filesystem::exists(recipe.output));
}

INSTANTIATE_TEST_SUITE_P(Rows, WrongRecipeTest,
                         ::testing::Values(WrongRecipe{"recipe_path_clash",
                                                       [](WheelRecipe& recipe) {
                                                           recipe.files.push_back({recipe.files[0].source, "sageattention/_build.py"});
                                                       }},
                                           WrongRecipe{"recipe_illegal_path",
                                                       [](WheelRecipe& recipe) {
                                                           recipe.files.push_back({recipe.files[0].source, "sageattention/../setup.py"});
                                                       }},
                                           WrongRecipe{"recipe_other_output", [](WheelRecipe& recipe) { recipe.output += ".zip"; }},
                                           WrongRecipe{"recipe_other_archs",
                                                       [](WheelRecipe& recipe) { recipe.target.units[0].archs.pop_back(); }}),
                         [](const auto& row) { return row.param.label; });

}  // namespace
}  // namespace sagebuild
