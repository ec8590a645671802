#include <gtest/gtest.h>

#include <fstream>

#include "support/cli_run.hpp"
#include "support/example_wheel.hpp"
#include "support/fixed_environment.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_directory.hpp"

namespace sagebuild {
namespace {

const std::string row_name = "sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";

/// A directory with `dist/`, which holds one wheel. Nothing here needs a network.
class ReleaseNotesTest : public ::testing::Test {
  protected:
    ReleaseNotesTest() : m_there(m_directory.path().string()) {
        std::filesystem::create_directory("dist");
        write("dist/" + row_name, test::make_example_wheel(test::example_row()).pack());
    }
    static void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
    static testing::CliRun run(const std::vector<std::string>& more, const std::string& repository = "o/n", const std::string& tag = "v1") {
        std::vector<std::string> arguments = {"release", "notes", "--repository", repository, "--tag", tag};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return testing::run_cli(test::FixedEnvironment(), arguments);
    }
    static void expect_refused(const testing::CliRun& answer, int exit_code, const std::string& text) {
        EXPECT_EQ(answer.out, "");
        EXPECT_EQ(answer.err, text);
        EXPECT_EQ(answer.exit_code, exit_code);
    }

  private:
    test::TemporaryDirectory m_directory;
    test::WorkingDirectory m_there;
};

TEST_F(ReleaseNotesTest, ATemplateIsFilled) {
    write("notes.md", "{{project}} {{version}} as {{tag}}: {{count}} for torch {{torch}} and cu129\n\n{{changes}}\n");
    const auto answer = run({"--template", "notes.md"});
    EXPECT_EQ(answer.err, "");
    EXPECT_EQ(answer.exit_code, 0);
    EXPECT_EQ(answer.out, "sageattention 2.2.0 as `v1`: 1 wheel for torch 2.8.0 and cu129\n\nNo earlier release was compared.\n");
}

TEST_F(ReleaseNotesTest, TheBuiltInTemplateNamesThePlaceOfTheWheels) {
    const auto answer = run({});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    EXPECT_NE(answer.out.find("pip install \"https://github.com/o/n/releases/download/v1/" + row_name + "\"\n"), std::string::npos);
}

TEST_F(ReleaseNotesTest, AnEarlierReleaseIsReadFromItsChecksums) {
    write("changes.md", "{{changes}}");
    write("SHA256SUMS", std::string(64, '0') + "  " + row_name + "\n");
    EXPECT_EQ(run({"--template", "changes.md", "--since", "SHA256SUMS"}).out,
              "Since `SHA256SUMS`: 0 new, 1 built anew, 0 gone, 0 the same byte for byte.\n\n- built anew: `" + row_name + "`");
    write("SHA256SUMS", "nothing\n");
    expect_refused(run({"--since", "SHA256SUMS"}), 1,
                   "error[SB0641]: line does not begin with a SHA-256 of 64 hex digits\n  --> SHA256SUMS:1\n");
    expect_refused(run({"--since", "dist"}), 3, "error[SB0501]: cannot read `dist/SHA256SUMS`\ncaused by: No such file or directory\n");
}

TEST_F(ReleaseNotesTest, ClaimsNeedWheels) {
    write("notes.md", "Now for CUDA 13.0\nand {{wheel}}\n");
    expect_refused(run({"--template", "notes.md"}), 1,
                   "error[SB0651]: no wheel backs `CUDA 13.0`\n"
                   "  --> notes.md:1:9\n"
                   "1 | Now for CUDA 13.0\n"
                   "  |         ^^^^^^^^^ the wheels have 12.9.1\n"
                   "note: it is read as a claim about CUDA\n"
                   "hint: a line that tells what is missing ends with `<!-- no claim -->`, which is left out\n\n"
                   "error[SB0650]: `wheel` is no hole of the notes\n"
                   "  --> notes.md:2:5\n"
                   "2 | and {{wheel}}\n"
                   "  |     ^^^^^^^^^\n"
                   "nearest: wheels\n");
    write("notes.md", "\xFF");
    const auto broken = run({"--template", "notes.md"});
    EXPECT_EQ(broken.exit_code, 1);
    EXPECT_TRUE(broken.err.starts_with("error[SB0650]: ")) << broken.err;
}

TEST_F(ReleaseNotesTest, TagAndRepositoryAreChecked) {
    expect_refused(run({}, "o/n", "a b"), 3, "error[SB0623]: `a b` is no tag that git would take\nhint: write `--tag v1.2.3`\n");
    expect_refused(run({}, "https://o/n"), 3, "error[SB0623]: `https://o/n` is no repository\nhint: write `--repository OWNER/NAME`\n");
    write("dist/" + row_name, "PK");
    expect_refused(run({}), 1, "error[SB0402]: file is not a whole zip archive: Not a zip archive\n  --> dist/" + row_name + "\n");
}

}  // namespace
}  // namespace sagebuild
