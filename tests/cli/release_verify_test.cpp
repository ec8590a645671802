#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/cli_run.hpp"
#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_directory.hpp"
#include "text/sha256.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

const std::string row_name = "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";
const std::string universal_name = "sageattention-2.2.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
const std::string provenance_name = "sageattention-2.2.0.provenance.intoto.json";
const std::string sbom_name = "sageattention-2.2.0.sbom.zip";

/// A release of two wheels in `dist/`, to be changed by a test.
class ReleaseVerifyTest : public ::testing::Test {
  protected:
    ReleaseVerifyTest() : m_there(m_directory.path().string()) {
        std::filesystem::create_directory("dist");
        for (const Target& target : {test::example_row(), test::example_universal()}) {
            const auto wheel = test::make_example_wheel(target);
            write(wheel.file_name, wheel.pack());
        }
        const auto run = testing::run_cli({"release", "documents"});
        EXPECT_EQ(run.err, "");
        EXPECT_EQ(run.out, "dist/" + provenance_name + "\ndist/" + sbom_name + "\ndist/SHA256SUMS\n");
    }

    static void write(const std::string& name, const std::string& bytes) { std::ofstream("dist/" + name, std::ios::binary) << bytes; }
    static std::string read(const std::string& name) { return test::read_file("dist/" + name); }
    static void remove(const std::string& name) { std::filesystem::remove("dist/" + name); }
    static void rename(const std::string& from, const std::string& to) { std::filesystem::rename("dist/" + from, "dist/" + to); }
    static void replace(const std::string& name, const std::string& from, const std::string& to) {
        std::string bytes = read(name);
        bytes.replace(bytes.find(from), from.size(), to);
        write(name, bytes);
    }

    /// The whole answer, with digests by their place in it: they depend on how zlib compressed.
    void expect_golden(const std::string& label, const std::vector<std::string>& options = {}) {
        std::vector<std::string> arguments = {"release", "verify"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const auto run = testing::run_cli(arguments);
        std::string text = run.out + "--- stderr, exit code " + std::to_string(run.exit_code) + "\n" + run.err;
        text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "<sha256>");
        EXPECT_TRUE(test::matches_golden(test::golden_directory() / "release-verify" / label / "expected.txt", text));
    }

  private:
    test::TemporaryDirectory m_directory;
    test::WorkingDirectory m_there;
};

TEST_F(ReleaseVerifyTest, AWholeReleaseIsVerified) {
    expect_golden("whole");
    expect_golden("whole_of_a_repository", {"--from", "dist", "--repository", "example/wheels"});
}

TEST_F(ReleaseVerifyTest, AnotherFileUnderAKnownName) {
    write(row_name, read(universal_name));
    expect_golden("other_wheel");
}

TEST_F(ReleaseVerifyTest, AMissingFile) {
    rename(row_name, "sageattention-2.2.0-281.129-cp312-cp312-linux_x86_64.whl");
    expect_golden("renamed_wheel");
}

TEST_F(ReleaseVerifyTest, AFileThatNobodyKnows) {
    write("setup.py", "print()\n");
    write("notes\x1B[2J.txt", "");
    expect_golden("extra_files");
}

/// Who changes a wheel can change SHA256SUMS too, but then the other documents speak of another one.
TEST_F(ReleaseVerifyTest, ChecksumsAloneCanBeMadeAnew) {
    auto wheel = test::make_example_wheel(test::example_row());
    wheel.file("sageattention/core.py") += "# more\n";
    wheel.refresh_record();
    const std::string old = sha256_hex(read(row_name));
    write(row_name, wheel.pack());
    replace("SHA256SUMS", old, sha256_hex(wheel.pack()));
    expect_golden("checksums_made_anew");
}

TEST_F(ReleaseVerifyTest, DocumentsOfOtherWheels) {
    replace(provenance_name, row_name, "sageattention-2.2.0-290.129-cp312-cp312-linux_x86_64.whl");
    std::vector<ZipEntry> bills = read_zip(read(sbom_name)).value();
    bills.pop_back();
    bills.push_back({"other-1.0-py3-none-any.whl.cdx.json", bills[0].bytes, false});
    write(sbom_name, write_zip(bills, 0).value());
    expect_golden("documents_of_other_wheels");
}

TEST_F(ReleaseVerifyTest, MissingDocuments) {
    remove("SHA256SUMS");
    remove(sbom_name);
    rename(provenance_name, "a.provenance.intoto.json");
    write(provenance_name, read("a.provenance.intoto.json"));
    expect_golden("missing_documents");
}

TEST_F(ReleaseVerifyTest, DocumentsThatCannotBeRead) {
    write("SHA256SUMS", "no digests\n");
    write(provenance_name, "[]");
    write(sbom_name, "");
    expect_golden("unreadable_documents");
}

TEST_F(ReleaseVerifyTest, NothingToLookAt) {
    std::filesystem::create_directory("empty");
    expect_golden("empty_directory", {"--from", "empty"});
    expect_golden("no_directory", {"--from", "absent"});
}

TEST_F(ReleaseVerifyTest, TheJsonSaysTheSame) {
    const auto whole = nlohmann::json::parse(testing::run_cli({"release", "verify", "--json"}).out);
    EXPECT_EQ(whole["schema"], 1);
    EXPECT_EQ(whole["release"], "dist");
    EXPECT_TRUE(whole["verified"]);
    EXPECT_EQ(whole["signatures"], "not checked");
    ASSERT_EQ(whole["files"].size(), 5U);
    EXPECT_EQ(whole["files"][1]["name"], row_name);
    EXPECT_EQ(whole["files"][1]["sha256"], sha256_hex(read(row_name)));
    EXPECT_TRUE(whole["problems"].empty());
    remove(row_name);
    const auto run = testing::run_cli({"release", "verify", "--json"});
    const auto damaged = nlohmann::json::parse(run.out);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, "");
    EXPECT_FALSE(damaged["verified"]);
    ASSERT_EQ(damaged["problems"].size(), 3U);
    EXPECT_EQ(damaged["problems"][0]["code"], "SB0644");
}

TEST_F(ReleaseVerifyTest, DocumentsNeedWheels) {
    std::filesystem::create_directory("empty");
    const auto none = testing::run_cli({"release", "documents", "--from", "empty"});
    EXPECT_EQ(none.exit_code, 3);
    EXPECT_EQ(none.err, "error[SB0563]: no wheel is found in `empty`\n");
    const auto elsewhere = testing::run_cli({"release", "documents", "--out", "documents"});
    EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.err;
    for (const std::string& name : {provenance_name, sbom_name, std::string("SHA256SUMS")})
        EXPECT_EQ(test::read_file("documents/" + name), read(name));
}

}  // namespace
}  // namespace sagebuild
