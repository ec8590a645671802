#include "text/requirements_reader.hpp"

#include <gtest/gtest.h>

#include "text/toml_requirements.hpp"

namespace sagebuild {

namespace {

const std::string wheel = "https://x/sageattention-2.2.0-280.129-cp312-cp312-linux_x86_64.whl";

template <typename Reading>
std::string problems_of(const Reading& reading) {
    return reading ? "" : render_diagnostics(reading.errors());
}

TEST(RequirementsReader, KnowsWhereEverythingStands) {
    const std::string bytes =
        "\xEF\xBB\xBF# above\n"
        "sageattention[x] @ " +
        wheel +
        "#egg=a&sha256=ABCD ; python_version > '3.9' \\\r\n"
        "  --hash=sha256:00 --hash md5:11  # behind\r\n"
        "-i https://a/simple\n"
        "--extra-index-url=https://b/cu129\n"
        "-r other.txt\n"
        "torch (==2.9.1)  ";
    const auto file = parse_requirements(bytes, "r.txt");
    ASSERT_TRUE(file) << problems_of(file);
    ASSERT_EQ(file->requirements.size(), 2u);
    const StatedRequirement& first = file->requirements[0];
    EXPECT_EQ(first.distribution, "sageattention");
    EXPECT_EQ(first.url, wheel);
    EXPECT_EQ(file->source.at(first.url_at), wheel);
    EXPECT_EQ(first.marker, "python_version > '3.9'");
    ASSERT_EQ(first.hashes.size(), 3u);
    EXPECT_EQ(first.hashes[0].digest, "abcd");
    EXPECT_EQ(file->source.at(first.hashes[0].at), "ABCD");
    EXPECT_EQ(first.hashes[2].algorithm + file->source.bytes().substr(first.hashes[2].at.begin, 2), "md511");
    ASSERT_EQ(first.comments.size(), 2u);
    EXPECT_EQ(file->source.at(first.comments[0]), "# above");
    EXPECT_EQ(file->source.at(first.comments[1]), "# behind");
    EXPECT_EQ(file->requirements[1].specifier, "==2.9.1");
    ASSERT_EQ(file->indexes.size(), 2u);
    EXPECT_EQ(file->indexes[1].url, "https://b/cu129");
    EXPECT_TRUE(file->indexes[1].is_extra);
    ASSERT_EQ(file->includes.size(), 1u);
    EXPECT_EQ(file->includes[0].path, "other.txt");
}

TEST(RequirementsReader, RefusesWhatIsTooMuch) {
    EXPECT_EQ(problems_of(parse_requirements(std::string(5 << 20, '#'), "r.txt")),
              "error[SB0440]: a requirements file of 5242880 bytes is not read; the limit is 4194304\n  --> r.txt\n");
    std::string many;
    for (int index = 0; index <= 20000; ++index) many += "a\n";
    EXPECT_EQ(problems_of(parse_requirements(many, "r.txt")),
              "error[SB0440]: a file of more than 20000 requirements is not read\n"
              "  --> r.txt:20001:1\n"
              "20001 | a\n"
              "      | ^\n");
    std::string faults;
    for (int index = 0; index < 5000; ++index) faults += "a b\n";
    EXPECT_EQ(parse_requirements(faults, "r.txt").errors().size(), 100u);
}

TEST(RequirementsReader, TellsWhatIsMissing) {
    EXPECT_EQ(problems_of(parse_requirements("a --hash=sha256:\n--index-url\n", "r.txt")),
              "error[SB0440]: `--hash` states no digest\n"
              "  --> r.txt:1:3\n"
              "1 | a --hash=sha256:\n"
              "  |   ^^^^^^^^^^^^^^\n"
              "hint: write `--hash=sha256:` and 64 digits\n"
              "\n"
              "error[SB0440]: `--index-url` has no value\n"
              "  --> r.txt:2:1\n"
              "2 | --index-url\n"
              "  | ^^^^^^^^^^^\n");
}

TEST(TomlRequirements, StandDeepAndBrokenFiles) {
    const std::string deep = "a = " + std::string(10'000, '[');
    EXPECT_EQ(problems_of(parse_pyproject(deep, "p.toml")).substr(0, 30), "error[SB0440]: not valid TOML\n");
    EXPECT_EQ(problems_of(parse_uv_lock("version = 1\n", "uv.lock")), "error[SB0440]: a lock file without `[[package]]`\n  --> uv.lock\n");
    EXPECT_EQ(problems_of(parse_pyproject("[project]\ndependencies = ['a b']\n", "p.toml")),
              "error[SB0440]: not a requirement: `b` is no version specifier\n"
              "  --> p.toml:2:17\n"
              "2 | dependencies = ['a b']\n"
              "  |                 ^^^^^\n"
              "hint: write `name==1.2.3` or `name @ https://...whl`\n");
}

/// The library counts characters; a file that is changed counts bytes.
TEST(TomlRequirements, FindPlacesBehindOtherLetters) {
    const std::string bytes =
        "\xEF\xBB\xBF[project]\nn = 'x'\ndependencies = [\"gr\xC3\xB6\xC3\x9F"
        "e\", 'sageattention @ " +
        wheel + "']\n";
    const auto bad = parse_pyproject(bytes, "p.toml");
    ASSERT_FALSE(bad);
    const std::string good =
        "[project]\ndependencies = [ \"numpy\" , 'sageattention @ " + wheel +
        "'] # \xC3\xA4\nx = \"\xC3\xA4\"\n[tool.uv.sources]\n\"\xC3\xA4\" = { \"\xC3\xB6\" = \"\xE2\x82\xAC\", url = \"" + wheel + "\" }\n";
    const auto file = parse_pyproject(good, "p.toml");
    ASSERT_TRUE(file) << problems_of(file);
    ASSERT_EQ(file->requirements.size(), 3u);
    EXPECT_EQ(file->source.at(file->requirements[1].url_at), wheel);
    EXPECT_EQ(file->source.at(file->requirements[2].url_at), wheel);
    EXPECT_TRUE(file->requirements[2].url_is_verbatim);
}

TEST(TomlRequirements, LeaveEscapedTextsAlone) {
    const auto file = parse_pyproject("[project]\ndependencies = [\"sageattention @ https:\\u002F/x/a-1-py3-none-any.whl\"]\n", "p.toml");
    ASSERT_TRUE(file) << problems_of(file);
    EXPECT_EQ(file->requirements[0].url, "https://x/a-1-py3-none-any.whl");
    EXPECT_FALSE(file->requirements[0].url_is_verbatim);
}

}  // namespace

}  // namespace sagebuild
