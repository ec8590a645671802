#include <gtest/gtest.h>

#include <algorithm>

#include "core/error_codes.hpp"
#include "support/golden.hpp"
#include "support/seeded_random.hpp"
#include "text/compat_yaml.hpp"
#include "text/matrix_yaml.hpp"

namespace sagebuild {

namespace {

std::string damaged(std::string text, test::SeededRandom& random) {
    static const std::vector<std::string> scraps = {"[",  "]",    "{",    "}",    ": ",   "- ",       "\"",       "'",      "#",    "\n",
                                                    "\t", "&a ",  "*a",   "!!b ", "---",  "? ",       "| \n",     "\xC3",   "\\",   ",",
                                                    "~",  "3.10", "9.0a", "../",  "rows", "archs: x", "%YAML 9 ", "\r\n  ", "null", "<<: "};
    for (int edits = random.between(1, 4); edits > 0; --edits) {
        const std::size_t at = random.below(text.size());
        switch (random.below(4)) {
            case 0:
                text.insert(at, random.pick(scraps));
                break;
            case 1:
                text.erase(at, random.below(40) + 1);
                break;
            case 2:
                text[at] = static_cast<char>(random.below(256));
                break;
            default:
                text.insert(at, text.substr(random.below(text.size()), random.below(200)));
                break;
        }
        if (text.empty()) text = "x";
    }
    return text;
}

/// Every problem has a code of the table, a text, and a place inside the file.
void expect_sound(const Diagnostics& problems, const std::string& bytes) {
    ASSERT_FALSE(problems.empty());
    const auto lines = std::count(bytes.begin(), bytes.end(), '\n') + 1;
    for (const Diagnostic& problem : problems) {
        EXPECT_NE(find_error_code(problem.code), nullptr) << problem.code;
        EXPECT_FALSE(problem.what.empty());
        EXPECT_GE(problem.place.line, 1) << problem.what;
        EXPECT_LE(problem.place.line, lines) << problem.what;
        EXPECT_GE(problem.place.column, 1) << problem.what;
    }
    EXPECT_FALSE(render_diagnostics(problems).empty());
}

/// A damaged file is read or answered; it never throws, hangs or points outside itself.
TEST(MatrixYamlProperty, DamagedFilesAreAnswered) {
    test::SeededRandom random;
    const std::string text = test::read_file(std::filesystem::path(SAGEBUILD_SOURCE_DIR) / "matrix" / "sageattention.yaml");
    int refused = 0;
    for (int round = 0; round < 600; ++round) {
        const std::string bytes = damaged(text, random);
        const auto package = parse_package_matrix(bytes, "damaged.yaml");
        if (package) continue;
        ++refused;
        expect_sound(package.errors(), bytes);
        if (HasFailure()) FAIL() << "round " << round << "\n" << bytes;
    }
    EXPECT_GT(refused, 200);
}

TEST(MatrixYamlProperty, DamagedCompatFilesAreAnswered) {
    test::SeededRandom random;
    for (int round = 0; round < 40; ++round) {
        auto files = embedded_compat_files();
        auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(random.below(files.size())));
        file->second = damaged(file->second, random);
        if (const auto compat = parse_compat(files); !compat) expect_sound(compat.errors(), file->second);
        if (HasFailure()) FAIL() << "round " << round << "\n" << file->second;
    }
}

}  // namespace

}  // namespace sagebuild
