#include "core/release_documents.hpp"

#include <gtest/gtest.h>

#include "text/checksums.hpp"
#include "text/package_url.hpp"
#include "text/provenance.hpp"
#include "text/sbom.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

const std::string zeros(64, '0');
const std::string letters(64, 'a');

template <typename Value>
std::string problems(const Result<Value>& result) {
    return result ? "" : render_diagnostics(result.errors());
}

std::string statement(const std::string& subjects) {
    return R"({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1", "subject": )" + subjects +
           "}";
}

std::string archive(const std::string& path, const std::string& text) {
    return write_zip({{path, text, false}}, 0).value();
}

TEST(Checksums, AreWhatCoreutilsWrite) {
    EXPECT_EQ(render_checksums({{"b.whl", letters}, {"a b.whl", zeros}}), zeros + "  a b.whl\n" + letters + "  b.whl\n");
    const auto read = parse_checksums(zeros + "  a b.whl\r\n" + std::string(64, 'A') + " *b.whl", "SHA256SUMS");
    ASSERT_TRUE(read) << problems(read);
    EXPECT_EQ(*read, (std::vector<StatedDigest>{{"a b.whl", zeros}, {"b.whl", letters}}));
}

TEST(Checksums, EveryBadLineIsTold) {
    const std::string text = "# hashes\n" + zeros + "  ../a.whl\n" + zeros + "\ta.whl\n" + zeros + "  a.whl\n" + zeros + "  a.whl\n\n" +
                             zeros + "  .hidden\n" + zeros + "  a\x1B[2J\n";
    EXPECT_EQ(problems(parse_checksums(text, "dist/SHA256SUMS")),
              "error[SB0641]: line does not begin with a SHA-256 of 64 hex digits\n  --> dist/SHA256SUMS:1\n\n"
              "error[SB0641]: `../a.whl` is no name of a file of a release\n  --> dist/SHA256SUMS:2\n\n"
              "error[SB0641]: two spaces, or a space and `*`, must stand between digest and name\n  --> dist/SHA256SUMS:3\n\n"
              "error[SB0641]: `a.whl` is listed a second time\n  --> dist/SHA256SUMS:5\n\n"
              "error[SB0641]: line does not begin with a SHA-256 of 64 hex digits\n  --> dist/SHA256SUMS:6\n\n"
              "error[SB0641]: `.hidden` is no name of a file of a release\n  --> dist/SHA256SUMS:7\n\n"
              "error[SB0641]: `a\\x1b[2J` is no name of a file of a release\n  --> dist/SHA256SUMS:8\n");
    EXPECT_EQ(problems(parse_checksums("", "SHA256SUMS")), "error[SB0641]: no file is listed\n  --> SHA256SUMS\n");
}

TEST(Provenance, SubjectsAreRead) {
    const auto read =
        parse_provenance(statement(R"([{"name": "a.whl", "digest": {"sha256": ")" + zeros + R"(", "gitCommit": "1"}}])"), "p");
    ASSERT_TRUE(read) << problems(read);
    EXPECT_EQ(*read, (std::vector<StatedDigest>{{"a.whl", zeros}}));
}

TEST(Provenance, EveryBadSubjectIsTold) {
    EXPECT_EQ(problems(parse_provenance("{", "p.json")), "error[SB0642]: a key is a text in `\"`\n  --> p.json:1:2\n");
    EXPECT_EQ(problems(parse_provenance(R"({"_type": "https://in-toto.io/Statement/v0.1", "subject": []})", "p.json")),
              "error[SB0642]: `_type` is `https://in-toto.io/Statement/v0.1`, not `https://in-toto.io/Statement/v1`\n  --> p.json:1:11\n\n"
              "error[SB0642]: `predicateType` is missing, not `https://slsa.dev/provenance/v1`\n  --> p.json:1:1\n\n"
              "error[SB0642]: `subject` is not a list of files\n  --> p.json:1:59\n");
    const std::string subjects =
        "[\n1,\n{\"name\": \"a/b\"},\n{\"name\": \"a.whl\", \"digest\": {\"sha256\": \"00\"}},\n{\"name\": \"b.whl\", \"digest\": "
        "{\"sha256\": \"" +
        zeros + "\"}},\n{\"name\": \"b.whl\", \"digest\": {\"sha256\": \"" + zeros + "\"}}]";
    EXPECT_EQ(problems(parse_provenance(statement(subjects), "p.json")),
              "error[SB0642]: subject has no name of a file of a release\n  --> p.json:2:1\n\n"
              "error[SB0642]: subject has no name of a file of a release\n  --> p.json:3:1\n\n"
              "error[SB0642]: subject `a.whl` has no SHA-256 of 64 hex digits\n  --> p.json:4:1\n\n"
              "error[SB0642]: subject `b.whl` stands there a second time\n  --> p.json:6:10\n");
}

TEST(SbomArchive, WheelsAreRead) {
    const std::string bill =
        R"({"metadata": {"component": {"hashes": [{"alg": "MD5", "content": "1"}, {"alg": "SHA-256", "content": ")" + zeros + R"("}]}}})";
    const auto read = parse_sbom_archive(archive("a.whl.cdx.json", bill), "s.zip");
    ASSERT_TRUE(read) << problems(read);
    EXPECT_EQ(*read, (std::vector<StatedDigest>{{"a.whl", zeros}}));
}

TEST(SbomArchive, EveryBadEntryIsTold) {
    EXPECT_EQ(problems(parse_sbom_archive("PK", "s.zip")),
              "error[SB0643]: file is not a whole zip archive: Not a zip archive\n  --> s.zip\n");
    EXPECT_EQ(problems(parse_sbom_archive(write_zip({}, 0).value(), "s.zip")),
              "error[SB0643]: archive holds no bill of materials\n  --> s.zip\n");
    const std::string bytes =
        write_zip(
            {{"readme", "", false}, {"x/a.whl.cdx.json", "{}", false}, {"a.whl.cdx.json", "{}", false}, {"b.whl.cdx.json", "[", false}}, 0)
            .value();
    EXPECT_EQ(problems(parse_sbom_archive(bytes, "s.zip")),
              "error[SB0643]: `readme` is no bill of materials of a wheel\n  --> s.zip\n\n"
              "error[SB0643]: `x/a.whl.cdx.json` is no bill of materials of a wheel\n  --> s.zip\n\n"
              "error[SB0643]: `a.whl.cdx.json` states no SHA-256 of its wheel\n  --> s.zip\n\n"
              "error[SB0643]: it ends where a value is needed\n  --> s.zip:b.whl.cdx.json:1:2\n");
}

TEST(PackageUrl, EncodesWhatTheSpecificationAsks) {
    EXPECT_EQ(pypi_purl("Flash_Attn.x", "2.8+cu129"), "pkg:pypi/flash-attn-x@2.8%2Bcu129");
    EXPECT_EQ(pypi_purl("torch", ""), "pkg:pypi/torch");
    EXPECT_EQ(generic_purl("zig", "0.15.2"), "pkg:generic/zig@0.15.2");
    EXPECT_EQ(split_tool("zig-0.15.2", '-'), std::make_pair(std::string("zig"), std::string("0.15.2")));
    EXPECT_EQ(split_tool("gcc-x", '-'), std::make_pair(std::string("gcc-x"), std::string()));
    EXPECT_EQ(split_tool("sagebuild ", ' '), std::make_pair(std::string("sagebuild "), std::string()));
}

}  // namespace
}  // namespace sagebuild
