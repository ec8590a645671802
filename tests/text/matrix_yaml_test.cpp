#include "text/matrix_yaml.hpp"

#include <gtest/gtest.h>

#include "support/golden.hpp"

namespace sagebuild {

namespace {

std::filesystem::path matrix_file(const std::string& name) {
    return std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "matrix" / name;
}

PackageMatrix read_package(const std::string& name) {
    auto package = parse_package_matrix(test::read_file(matrix_file(name)), "matrix/" + name);
    EXPECT_TRUE(package) << (package ? "" : render_diagnostics(package.errors()));
    return package ? *package : PackageMatrix{};
}

TEST(MatrixYaml, ReadsSageattention) {
    const PackageMatrix package = read_package("sageattention.yaml");
    EXPECT_EQ(package.file, "matrix/sageattention.yaml");
    EXPECT_EQ(package.name.value, "sageattention");
    EXPECT_EQ(package.version.value.to_string(), "2.2.0");
    EXPECT_EQ(package.short_name.value, "sage2");
    EXPECT_EQ(package.requires_torch.value, ">=2.6");
    EXPECT_EQ(package.root.value, "kernels/sageattention");
    EXPECT_EQ(package.host_sources, (std::vector<std::string>{"host", "bind"}));
    ASSERT_FALSE(package.units.empty());
    EXPECT_EQ(package.units.back().name.value, "sm70_attention");
    EXPECT_EQ(package.units.back().archs[2].value, (Arch{9, 0}));
    EXPECT_EQ(package.arch_lists.at("extended").size(), 10u);
    EXPECT_EQ(package.images, ImagesPolicy::row);
    EXPECT_EQ(package.uncompilable, UncompilablePolicy::drop);
    ASSERT_EQ(package.rows.size(), 3u);
    EXPECT_EQ(package.rows[0].cuda.value.to_string(), "12.6.1");
    EXPECT_EQ(package.rows[0].python[1].value.to_string(), "3.10");
    EXPECT_EQ(package.rows[0].archs.value, "extended");
    ASSERT_EQ(package.universal.size(), 1u);
    EXPECT_EQ(package.universal[0].cpu.value, "x86_64");
    EXPECT_EQ(package.universal[0].platforms[1].value, "manylinux2014");
    ASSERT_EQ(package.groups.size(), 8u);
    EXPECT_EQ(package.groups[1].name.value, "pytorch{torch}");
    EXPECT_EQ(package.groups[3].newest->value, "python");
    EXPECT_EQ(package.groups[3].per->value, "torch");
    EXPECT_EQ(package.groups[7].include[0].value, "all");
}

TEST(MatrixYaml, ReadsPackageWithoutUnits) {
    const PackageMatrix package = read_package("sageattn3.yaml");
    EXPECT_TRUE(package.units.empty());
    EXPECT_TRUE(package.root.value.empty());
    EXPECT_EQ(package.rows.size(), 2u);
}

TEST(MatrixYaml, LocatedValuesPointAtTheirSource) {
    const PackageMatrix package = read_package("sageattention.yaml");
    const auto& python = package.rows[0].python[1];
    EXPECT_EQ(python.place.file, "matrix/sageattention.yaml");
    EXPECT_EQ(python.line.substr(static_cast<std::size_t>(python.place.column) - 1, static_cast<std::size_t>(python.width)), "\"3.10\"");
}

class YamlGolden : public testing::TestWithParam<std::filesystem::path> {};

/// Whole texts of all problems of one file.
TEST_P(YamlGolden, ReportsEveryProblem) {
    const auto package = parse_package_matrix(test::read_file(GetParam() / "input.yaml"), "input.yaml");
    ASSERT_FALSE(package);
    EXPECT_TRUE(test::matches_golden(GetParam() / "expected.txt", render_diagnostics(package.errors())));
}

INSTANTIATE_TEST_SUITE_P(Cases, YamlGolden, testing::ValuesIn(test::golden_cases("yaml")), test::case_name);

}  // namespace

}  // namespace sagebuild
