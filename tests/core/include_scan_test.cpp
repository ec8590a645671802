#include "core/include_scan.hpp"

#include <gtest/gtest.h>

namespace sagebuild {
namespace {

struct ScanCase {
    std::string name;
    std::string source;
    std::vector<IncludeDirective> expected;
};

class ScanIncludes : public ::testing::TestWithParam<ScanCase> {};

TEST_P(ScanIncludes, FindsWhatACompilerMayRead) {
    EXPECT_EQ(scan_includes(GetParam().source), GetParam().expected);
}

const IncludeDirective quoted_a{.path = "a.h", .quoted = true};

INSTANTIATE_TEST_SUITE_P(Forms, ScanIncludes,
                         ::testing::Values(ScanCase{"quoted", "#include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"angle", "#include <cuda/std/limits>\n", {{.path = "cuda/std/limits"}}},
                                           ScanCase{"spaces", "  #\tinclude   \"a.h\" // why", {quoted_a}},
                                           ScanCase{"crlf", "#include \"a.h\"\r\nint x;\r\n", {quoted_a}},
                                           ScanCase{"continued", "#inc\\\nlude \"a\\\r\n.h\"\n", {quoted_a}},
                                           ScanCase{"after_comment", "/* x */ # /* y */ include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"after_long_comment", "/*\n * x\n */ #include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"switched_off", "#if 0\n#include \"a.h\"\n#endif\n", {quoted_a}},
                                           ScanCase{"commented_line", "// #include \"a.h\"\nint x; // \"\n", {}},
                                           ScanCase{"twice", "#include \"a.h\"\n#include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"string_with_comment_mark", "const char* x = \"/*\";\n#include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"raw_string_with_quote", "auto x = R\"(\" /* )\";\n#include \"a.h\"\n", {quoted_a}},
                                           ScanCase{"computed", "#include HEADER\n", {{.path = "", .computed = true}}},
                                           ScanCase{"not_an_include", "#define include \"a.h\"\nx #include \"b.h\"\n", {}},
                                           ScanCase{"unfinished", "#include \"a.h\n#include\n#", {}}),
                         [](const auto& row) { return row.param.name; });

const SourceTree tree = {
    {"k/units/one.cu", "#include \"local.cuh\"\n#include <shared/tile.cuh>\n#include <cuda_fp16.h>\n"},
    {"k/units/local.cuh", "#include \"../include/deep.cuh\"\n"},
    {"k/include/shared/tile.cuh", "#include \"../deep.cuh\"\n#include \"shared/tile.cuh\"\n"},
    {"k/include/deep.cuh", ""},
    {"k/include/unused.cuh", ""},
    {"k/units/computed.cu", "#define H <deep.cuh>\n#include H\n"},
};

TEST(IncludedFiles, AreTheClosureOfOneFile) {
    const std::vector<std::string> expected = {"k/include/deep.cuh", "k/include/shared/tile.cuh", "k/units/local.cuh", "k/units/one.cu"};
    EXPECT_EQ(find_included_files("k/units/one.cu", {"k/include"}, tree), expected);
}

TEST(IncludedFiles, OfAComputedIncludeAreAllHeaders) {
    const std::vector<std::string> expected = {"k/include/deep.cuh", "k/include/shared/tile.cuh", "k/include/unused.cuh",
                                               "k/units/computed.cu"};
    EXPECT_EQ(find_included_files("k/units/computed.cu", {"k/include"}, tree), expected);
}

TEST(SourcePath, IsNormalised) {
    EXPECT_EQ(join_source_path("kernels/x", "../y/./z.h"), "kernels/y/z.h");
    EXPECT_EQ(join_source_path("", "z.h"), "z.h");
    EXPECT_EQ(join_source_path(".", "z.h"), "z.h");
    EXPECT_EQ(join_source_path("a", "../../z.h"), "../z.h");
}

}  // namespace
}  // namespace sagebuild
