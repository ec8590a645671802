#include "text/wheel_metadata.hpp"
#include "core/naming_scheme.hpp"

#include <gtest/gtest.h>

#include "text/core_metadata.hpp"
#include "text/wheel_manifest.hpp"

namespace sagebuild {
namespace {

TEST(CoreMetadata, ParsingWhatWasRenderedGivesTheSame) {
    CoreMetadata metadata;
    metadata.name = "sageattention";
    metadata.version = "2.2.0";
    metadata.summary = "Quantised attention: 8 bits";
    metadata.requires_python = ">=3.9";
    metadata.requires_dist = {"torch==2.8.*", "numpy; extra == \"test\""};
    metadata.license_expression = "Apache-2.0";
    metadata.license_files = {"LICENSE"};
    metadata.description = "# Title\n\nName: not a field\n";
    const auto parsed = parse_core_metadata(render_core_metadata(metadata));
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(*parsed, metadata);
}

TEST(CoreMetadata, ASummaryOfSeveralLinesStaysOneField) {
    CoreMetadata metadata;
    metadata.name = "a";
    metadata.version = "1";
    metadata.summary = "first\nName: second\n";
    EXPECT_EQ(render_core_metadata(metadata), "Metadata-Version: 2.4\nName: a\nVersion: 1\nSummary: first Name: second\n");
}

TEST(CoreMetadata, ReadsOtherTools) {
    const auto parsed = parse_core_metadata(
        "metadata-version: 2.1\r\nNAME: Flash_Attn\r\nVersion: 2.8.3+cu12torch2.8cxx11abiTRUE\r\nClassifier: A\r\nDescription: first\r\n   "
        "     |second\r\n");
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(parsed->name, "Flash_Attn");
    EXPECT_EQ(parsed->description, "first\n|second");
    EXPECT_EQ(normalise_project(parsed->name), "flash-attn");
    EXPECT_EQ(normalise_project("A._-b"), "a-b");
}

TEST(WheelMetadata, ParsingWhatWasRenderedGivesTheSame) {
    WheelMetadata metadata;
    metadata.generator = "sagebuild 0.1.0";
    metadata.build = "280.129";
    metadata.tags = {"cp312-cp312-linux_x86_64"};
    const auto parsed = parse_wheel_metadata(render_wheel_metadata(metadata));
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(*parsed, metadata);
}

TEST(Record, QuotesPathsAsPythonsCsvModule) {
    const std::vector<RecordEntry> entries = {make_record_entry("package/plain.py", "abc"),
                                              make_record_entry("package/a,b \"c\".py", ""),
                                              {.path = "x.dist-info/RECORD", .hash = "", .size = std::nullopt}};
    const std::string text = render_record(entries);
    EXPECT_EQ(text,
              "package/plain.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n"
              "\"package/a,b \"\"c\"\".py\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"
              "x.dist-info/RECORD,,\n");
    const auto parsed = parse_record(text);
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(*parsed, entries);
}

TEST(Record, TakesWindowsLineEndsAndEmptyLines) {
    const auto parsed = parse_record("a.py,sha256=x,1\r\n\"b,c.py\",sha256=y,2\r\n\r\nRECORD,,\r\n");
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    ASSERT_EQ(parsed->size(), 3U);
    EXPECT_EQ((*parsed)[1].path, "b,c.py");
    EXPECT_EQ((*parsed)[1].size, 2U);
}

TEST(WheelManifest, ParsingWhatWasRenderedGivesTheSame) {
    WheelManifest manifest;
    manifest.package = "sageattention";
    manifest.version = "2.2.0";
    manifest.module = "sageattention";
    manifest.target = "linux-sage2-universal-x86_64";
    manifest.kind = TargetKind::universal;
    manifest.cuda = "12.9.1";
    manifest.toolkit = "12.9.1";
    manifest.components = {{"nvidia-cuda-nvrtc-cu12", "12.9.86"}};
    manifest.compiler_version = "12.9.86";
    manifest.compiler_flags = {"--std=c++17"};
    manifest.host_compiler = "zig-0.15.2";
    manifest.library = "sageattention/_native.so";
    manifest.units = {{"sm80_attention", {*parse_arch("8.0"), *parse_arch("12.0f")}, {*parse_arch("9.0a")}}};
    manifest.covered = {{*parse_arch("12.1"), parse_arch("12.0f"), "family image"}};
    manifest.dropped = {{*parse_arch("7.0"), std::nullopt, "no unit"}};
    manifest.source_digest = "sha256:00";
    manifest.generator = "sagebuild 0.1.0";
    auto parsed = parse_wheel_manifest(render_wheel_manifest(manifest));
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(*parsed, manifest);
    manifest.torch = "2.8.0";
    manifest.python = "3.12";
    parsed = parse_wheel_manifest(render_wheel_manifest(manifest));
    ASSERT_TRUE(parsed) << render_diagnostics(parsed.errors());
    EXPECT_EQ(*parsed, manifest);
}

}  // namespace
}  // namespace sagebuild
