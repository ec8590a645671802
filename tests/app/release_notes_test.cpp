#include "text/release_notes.hpp"

#include <gtest/gtest.h>

#include "app/published_wheel.hpp"
#include "core/notes_template.hpp"
#include "support/example_wheel.hpp"
#include "support/golden.hpp"
#include "text/compat_yaml.hpp"
#include "text/markdown.hpp"
#include "text/zip.hpp"

namespace sagebuild {
namespace {

std::optional<Arch> arch(const char* text) {
    return parse_arch(text);
}

/// Rows of torch 2.6.0 and 2.8.0, CUDA 12.6.1 and 12.9.1, Python 3.9 and 3.12.
NotesFacts row_contents() {
    NotesFacts contents;
    contents.torch = {*parse_version("2.6.0"), *parse_version("2.8.0")};
    contents.cuda = {*parse_version("12.6.1"), *parse_version("12.9.1")};
    contents.pythons = {*parse_version("3.9"), *parse_version("3.12")};
    contents.images = {*arch("8.0"), *arch("9.0a"), *arch("12.0")};
    contents.covered = {*arch("12.1")};
    return contents;
}

NotesFacts with_universal() {
    NotesFacts contents = row_contents();
    contents.any_torch_from = parse_version("2.6");
    contents.python_from = {{*parse_version("3.0"), ">=3.9,<3.15"}};
    return contents;
}

/// `line:column text` of each refused claim.
std::string refused(const std::string& text, const NotesFacts& contents = row_contents()) {
    std::string out;
    for (const Diagnostic& problem : find_unbacked_claims(SourceText("notes.md", text), {}, contents)) {
        out += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
               problem.excerpt->line.substr(static_cast<std::size_t>(problem.place.column) - 1,
                                            static_cast<std::size_t>(problem.excerpt->width)) +
               "\n";
    }
    return out;
}

struct ClaimCase {
    std::string text;
    std::string refused;  ///< of the first line
};

void PrintTo(const ClaimCase& each, std::ostream* out) {
    *out << each.text;
}

class NotesClaims : public ::testing::TestWithParam<ClaimCase> {};

TEST_P(NotesClaims, AreComparedWithTheWheels) {
    EXPECT_EQ(refused(GetParam().text), GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(Texts, NotesClaims,
                         ::testing::ValuesIn(std::vector<ClaimCase>{
                             {"CUDA 12.9 and cu126, CUDA 12.6.1, cuda12", ""},
                             {"CUDA 13.1", "1:1 CUDA 13.1\n"},
                             {"for cu131: ", "1:5 cu131\n"},
                             {"CUDA 13 wheels", "1:1 CUDA 13\n"},
                             {"https://download.pytorch.org/whl/cu130", "1:34 cu130\n"},
                             {"CUDA 12.6, 12.8 and 12.9", "1:12 12.8\n"},
                             {"CUDA 12.6/12.9/13.0", "1:16 13.0\n"},
                             {"`CUDA` **12.8**", "1:2 CUDA` **12.8\n"},
                             {"CUDA\n13.0", "1:1 CUDA\n"},
                             {"torch 2.8, PyTorch 2.8.1, torch==2.6.*", ""},
                             {"torch 2.10", "1:1 torch 2.10\n"},
                             {"torch 2.8 \xE2\x80\x93 2.10", "1:15 2.10\n"},
                             {"pytorch29-cu129-python312", "1:1 pytorch29\n"},
                             {"torch210 or torch260", "1:1 torch210\n"},
                             {"torch>=2.9", "1:1 torch>=2.9\n"},
                             {"torch \xE2\x89\xA5 2.9", "1:1 torch \xE2\x89\xA5 2.9\n"},
                             {"torch 2.8, 1.5x as fast", ""},
                             {"Python 3.12, python3.9, cp312, py39, Python 3", ""},
                             {"Python 3.10 to 3.12", "1:1 Python 3.10\n"},
                             {"sageattention-2.2.0-280.129-cp314-cp314-linux_x86_64.whl", "1:29 cp314\n1:35 cp314\n"},
                             {"sm_80 sm_120 sm120 sm_90 sm_90a compute_80 compute capability 12.1", ""},
                             {"sm_100, sm_120a", "1:1 sm_100\n1:9 sm_120a\n"},
                             {"compute capability 7.5 and 8.0", "1:1 compute capability 7.5\n"},
                             {"archs 8.0, 8.9", "1:12 8.9\n"},
                             {"torch 2.8.0+cu129, 2026-11-21", ""},
                             {"cu126/128, CUDA 12 and 13, sm_80/90/100", "1:7 128\n1:24 13\n1:37 100\n"},
                             {"CUDA 13.1 is missing <!-- no claim -->", ""},
                             {"sageattention 9.9, Cython 3.1, cupy 13.1, 3.14 times, GTX 1080, smaller", ""},
                             {"", ""},
                             {"cuda", ""},
                         }));

TEST(NotesClaims, WheelsOfAnyTorchAndPythonBackMore) {
    EXPECT_EQ(refused("torch 2.10, torch 2.6 or newer, Python 3.14", with_universal()), "");
    EXPECT_EQ(refused("torch 2.5, Python 3.15, Python 3.8, CUDA 13.0", with_universal()),
              "1:1 torch 2.5\n1:12 Python 3.15\n1:25 Python 3.8\n1:37 CUDA 13.0\n");
}

TEST(NotesTemplate, EveryProblemIsTold) {
    const SourceText source("notes.md",
                            "# {{projct}}\nCUDA 13.1 and torch 2.9, Python 3.14 on sm_100\n{{ wheels }} {{open\n{{nothing like it}}\n");
    const auto filled = fill_notes_template(source, {{"project", "x"}, {"wheels", "CUDA 99.9"}, {"tag", ""}}, with_universal());
    ASSERT_FALSE(filled);
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "release-notes" / "refused.txt", render_diagnostics(filled.errors())));
}

TEST(NotesTemplate, HolesAreFilledAndMarksRemoved) {
    const SourceText source("notes.md", "{{a}}{{ b }}\nno CUDA 13.1  <!-- no claim -->\n}} {a}\n");
    EXPECT_EQ(fill_notes_template(source, {{"a", "1"}, {"b", "{{a}} cu131"}}, row_contents()).value(),
              "1{{a}} cu131\nno CUDA 13.1\n}} {a}\n");
}

TEST(Markdown, CodeSpansHoldAnyText) {
    EXPECT_EQ(markdown_code("a_b*c"), "`a_b*c`");
    EXPECT_EQ(markdown_code("a|b"), "`a\\|b`");
    EXPECT_EQ(markdown_code("a``b`c"), "```a``b`c```");
    EXPECT_EQ(markdown_code("`x`"), "`` `x` ``");
    EXPECT_EQ(markdown_code("a\n# b\x1B"), "`a # b\\x1b`");
    EXPECT_EQ(markdown_code(""), "`  `");
}

TEST(Markdown, SizesAreReadable) {
    EXPECT_EQ(size_text(0), "0 kB");
    EXPECT_EQ(size_text(1), "1 kB");
    EXPECT_EQ(size_text(49999), "50 kB");
    EXPECT_EQ(size_text(1299533), "1.3 MB");
    EXPECT_EQ(size_text(std::uint64_t{2} << 30), "2147.5 MB");
}

/// Notes of a row, a universal and another tool's wheel.
class ReleaseNotes : public ::testing::Test {
  protected:
    PublishedWheel example(const Target& target) const {
        const auto wheel = test::make_example_wheel(target);
        PublishedWheel opened = open(wheel.pack(), wheel.file_name);
        opened.wheel.sha256 = std::string(64, target.torch ? '1' : '2');
        opened.wheel.size = 1234567;
        return opened;
    }
    PublishedWheel open(const std::string& bytes, const std::string& name) const {
        const auto wheel = open_published_wheel(bytes, "dist/" + name, m_compat);
        if (!wheel) throw std::runtime_error(render_diagnostics(wheel.errors()));
        return *wheel;
    }
    PublishedWheel foreign() const {
        const std::string metadata =
            "Metadata-Version: 2.1\nName: sageattention\nVersion: 2.2.0+cu128torch2.7.1\nRequires-Python: >=3.9 | `x` @all\n";
        PublishedWheel wheel = open(write_zip({{"sageattention-2.2.0.dist-info/METADATA", metadata, false}}, 0).value(),
                                    "sageattention-2.2.0+cu128torch2.7.1-cp39-abi3-win_amd64.whl");
        wheel.wheel.sha256 = std::string(64, '3');
        wheel.wheel.size = 987;
        return wheel;
    }
    ReleaseNotesInput input() const {
        return {.wheels = {example(test::example_universal()), example(test::example_row()), foreign()},
                .repository = "example/wheels",
                .server = "https://github.com",
                .tag = "v2.2.0+build 3",
                .earlier = std::nullopt};
    }
    std::string notes(const ReleaseNotesInput& given, const std::string& text = default_notes_template()) const {
        const auto rendered = render_release_notes(SourceText("template", text), given, m_compat);
        return rendered ? *rendered : render_diagnostics(rendered.errors());
    }

    const Compat m_compat = parse_compat(embedded_compat_files()).value();
};

TEST_F(ReleaseNotes, SayWhatTheWheelsHave) {
    EXPECT_TRUE(test::matches_golden(test::golden_directory() / "release-notes" / "notes.md", notes(input())));
}

TEST_F(ReleaseNotes, SayWhatChanged) {
    ReleaseNotesInput given = input();
    const std::string row = given.wheels[1].wheel.name;
    given.earlier = EarlierRelease{"v2.2.0-build.2",
                                   {{row, std::string(64, '1')},
                                    {given.wheels[0].wheel.name, std::string(64, '9')},
                                    {given.wheels[2].wheel.name, ""},
                                    {"sageattention-2.2.0-260.126-cp310-cp310-linux_x86_64.whl", std::string(64, '8')},
                                    {"SHA256SUMS", std::string(64, '7')}}};
    EXPECT_EQ(
        notes(given, "{{changes}}"),
        "Since `v2.2.0-build.2`: 0 new, 1 built anew, 1 gone, 1 the same byte for byte, 1 of the same name whose earlier digest is not "
        "known.\n\n"
        "- no longer: torch 2.6; CUDA 12.6; Python 3.10\n"
        "- built anew: `" +
            given.wheels[0].wheel.name +
            "`\n"
            "- gone: `sageattention-2.2.0-260.126-cp310-cp310-linux_x86_64.whl`");
    given.earlier = EarlierRelease{"a|`b`", {{"README", ""}}};
    given.wheels.resize(2);
    EXPECT_EQ(notes(given, "{{changes}}"),
              "Since `` a\\|`b` ``: 2 new, 0 built anew, 0 gone, 0 the same byte for byte.\n\n"
              "- new: torch 2.8; CUDA 12.9; Python 3.12\n"
              "- new: `" +
                  row + "`\n- new: `" + given.wheels[0].wheel.name + "`");
    given.earlier = EarlierRelease{"v1", {{given.wheels[0].wheel.name, std::string(64, '2')}, {row, std::string(64, '1')}}};
    EXPECT_EQ(notes(given, "{{changes}}"), "Since `v1`: 0 new, 0 built anew, 0 gone, 2 the same byte for byte.");
}

TEST_F(ReleaseNotes, DoNotDependOnTheOrderOfTheWheels) {
    ReleaseNotesInput given = input();
    const std::string text = notes(given);
    std::swap(given.wheels[0], given.wheels[2]);
    EXPECT_EQ(notes(given), text);
}

TEST_F(ReleaseNotes, MustFitIntoARelease) {
    ReleaseNotesInput given = input();
    EXPECT_EQ(notes(given, std::string(125001, 'x')),
              "error[SB0653]: the notes have 125001 bytes; GitHub takes 125000 characters\n"
              "hint: a template without `{{wheels}}` or `{{install}}` makes them shorter; `SHA256SUMS` lists all wheels\n");
}

}  // namespace
}  // namespace sagebuild
