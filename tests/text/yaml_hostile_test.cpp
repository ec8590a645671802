#include <gtest/gtest.h>

#include <chrono>

#include "support/hostile_yaml.hpp"
#include "text/matrix_yaml.hpp"

namespace sagebuild {

namespace {

class HostileYaml : public testing::TestWithParam<test::HostileYaml> {};

TEST_P(HostileYaml, IsAnsweredShortlyAndSoon) {
    const auto begin = std::chrono::steady_clock::now();
    const auto package = parse_package_matrix(GetParam().bytes, "hostile.yaml");
    ASSERT_FALSE(package);
    const std::string text = render_diagnostics(package.errors());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(text.substr(0, text.find('\n')).substr(0, 2000), GetParam().first_line.substr(0, 2000));
    EXPECT_LE(package.errors().size(), 100u);
    EXPECT_LT(text.size(), 100'000u);
#ifdef NDEBUG
    EXPECT_LT(seconds.count(), 1.0);
#else
    EXPECT_LT(seconds.count(), 10.0);
#endif
    RecordProperty("seconds", std::to_string(seconds.count()));
}

INSTANTIATE_TEST_SUITE_P(Files, HostileYaml, testing::ValuesIn(test::hostile_yaml_files()),
                         [](const auto& file) { return file.param.name; });

TEST(YamlProblems, CountsTheProblemsThatItDoesNotShow) {
    std::string bytes;
    for (int index = 0; index < 150; ++index) bytes += "key" + std::to_string(index) + ": x\n";
    const auto package = parse_package_matrix(bytes, "many.yaml");
    ASSERT_FALSE(package);
    ASSERT_EQ(package.errors().size(), 100u);
    EXPECT_EQ(render_diagnostic(package.errors().back()),
              "error[SB0106]: unknown key `key93` in the file\n"
              "  --> many.yaml:94:1\n"
              "94 | key93: x\n"
              "   | ^^^^^\n"
              "note: this file has 56 more problems\n"
              "hint: known keys: `schema`, `package`, `requires`, `sources`, `units`, `arch_lists`, `policies`, `rows`, `universal`, "
              "`groups`\n");
}

}  // namespace

}  // namespace sagebuild
