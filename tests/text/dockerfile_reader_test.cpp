#include "text/dockerfile_reader.hpp"

#include <gtest/gtest.h>

#include "text/dockerfile_stages.hpp"

namespace sagebuild {

namespace {

std::string problems_of(const std::string& bytes) {
    const auto document = parse_dockerfile(bytes, "Dockerfile");
    if (!document) return render_diagnostics(document.errors());
    const auto stages = resolve_dockerfile(*document, {});
    return stages ? "" : render_diagnostics(stages.errors());
}

TEST(DockerfileReader, KnowsWhereEachInstructionStands) {
    const std::string bytes =
        "\xEF\xBB\xBF# syntax=docker/dockerfile:1\n"
        "from a\\\n"
        "  # a comment, then an empty line\n"
        "\n"
        "b AS c\r\n"
        "RUN --mount=type=cache,target=/x <<-'EOF' cat\n"
        "\techo $HOME\n"
        "\tEOF\n"
        "COPY x y";
    const auto document = parse_dockerfile(bytes, "Dockerfile");
    ASSERT_TRUE(document) << render_diagnostics(document.errors());
    ASSERT_EQ(document->instructions.size(), 3u);
    EXPECT_EQ(document->instructions[0].keyword, "FROM");
    EXPECT_EQ(document->instructions[0].arguments.text(), "ab AS c");
    EXPECT_EQ(document->source.at(document->instructions[0].span), "from a\\\n  # a comment, then an empty line\n\nb AS c");
    EXPECT_EQ(document->instructions[0].arguments.source(1), bytes.find("b AS c"));
    ASSERT_EQ(document->instructions[1].heredocs.size(), 1u);
    EXPECT_EQ(document->source.at(document->instructions[1].heredocs[0].body), "\techo $HOME\n");
    EXPECT_FALSE(document->instructions[1].heredocs[0].expands);
    EXPECT_EQ(document->source.at(document->instructions[2].span), "COPY x y");
}

TEST(DockerfileReader, TellsWhatIsWrong) {
    EXPECT_EQ(problems_of("FROM a\nRNU pip install x\n"),
              "error[SB0470]: `RNU` is no instruction of a Dockerfile\n"
              "  --> Dockerfile:2:1\n"
              "2 | RNU pip install x\n"
              "  | ^^^\n"
              "nearest: RUN\n");
    EXPECT_EQ(problems_of("FROM a\nRUN <<EOF\necho\n"),
              "error[SB0470]: the here-document `EOF` is not closed\n"
              "  --> Dockerfile:2:5\n"
              "2 | RUN <<EOF\n"
              "  |     ^^^^^ no line is `EOF`\n");
    EXPECT_EQ(problems_of("FROM a\n  USER\n"),
              "error[SB0470]: `USER` has no arguments\n"
              "  --> Dockerfile:2:3\n"
              "2 |   USER\n"
              "  |   ^^^^\n");
    EXPECT_EQ(problems_of("ARG X=1\nRUN true\nFROM a\n"),
              "error[SB0470]: `RUN` stands before the first `FROM`\n"
              "  --> Dockerfile:2:1\n"
              "2 | RUN true\n"
              "  | ^^^^^^^^\n");
    EXPECT_EQ(problems_of("# nothing\n"), "error[SB0470]: a Dockerfile without `FROM`\n  --> Dockerfile\n");
    EXPECT_EQ(problems_of("# escape=x\nFROM a\n"),
              "error[SB0470]: the parser directive `escape` takes `\\` or a backtick, not `x`\n"
              "  --> Dockerfile:1:1\n"
              "1 | # escape=x\n"
              "  | ^^^^^^^^^^\n");
    EXPECT_EQ(problems_of("FROM a b\n"),
              "error[SB0470]: `FROM` names no image\n"
              "  --> Dockerfile:1:6\n"
              "1 | FROM a b\n"
              "  |      ^^^\n"
              "hint: write `FROM image` or `FROM image AS name`\n");
    EXPECT_EQ(problems_of(std::string("FROM a\nRUN \x01\n")),
              "error[SB0470]: file holds the control character U+0001\n"
              "  --> Dockerfile:2:5\n"
              "2 | RUN \\x01\n"
              "  |     ^\n"
              "hint: delete it\n");
    EXPECT_EQ(problems_of(std::string(2 << 20, 'a')),
              "error[SB0470]: a Dockerfile of 2097152 bytes is not read; the limit is 1048576\n  --> Dockerfile\n");
    std::string many = "FROM a\n";
    for (int index = 0; index < 2000; ++index) many += "RUN x\n";
    EXPECT_EQ(problems_of(many),
              "error[SB0470]: a Dockerfile of more than 2000 instructions is not read\n"
              "  --> Dockerfile:2001:1\n"
              "2001 | RUN x\n"
              "     | ^^^^^\n");
}

/// Values that contain each other stay small, and nothing takes long.
TEST(DockerfileReader, IsNotBlownUp) {
    std::string bytes = "FROM a\nENV A0=0123456789abcdef\n";
    for (int index = 1; index < 60; ++index) {
        const std::string before = "A" + std::to_string(index - 1);
        bytes += "ENV A" + std::to_string(index) + "=$" + before + "$" + before + "${" + before + ":-${" + before + "}}\n";
    }
    bytes += "RUN echo " + std::string(500'000, '{') + std::string(200'000, '$') + "\nRUN " + std::string(100'000, '(') + "\n";
    const auto document = parse_dockerfile(bytes, "Dockerfile");
    ASSERT_TRUE(document) << render_diagnostics(document.errors());
    const auto stages = resolve_dockerfile(*document, {});
    ASSERT_TRUE(stages);
    for (const auto& [name, value] : stages->back().variables) EXPECT_LE(value.value_or("").size(), 65536u) << name;
    EXPECT_FALSE(stages->back().variables.at("A59"));
}

}  // namespace

}  // namespace sagebuild
