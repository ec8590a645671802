#include "text/shell_words.hpp"

#include <gtest/gtest.h>

namespace sagebuild {

namespace {

SplicedText spliced(const std::string& text) {
    SplicedText out;
    out.append(text, 0, text.size());
    return out;
}

const Variables variables = {{"A", "one"}, {"EMPTY", ""}, {"UNKNOWN", std::nullopt}};

/// `word|word`, with `?` behind a word that is not all known.
std::string shown(const std::vector<ShellWord>& words) {
    std::string out;
    for (const ShellWord& word : words) {
        if (&word != &words.front()) out += '|';
        out += word.text.text();
        if (!word.is_complete) out += '?';
    }
    return out;
}

struct Case {
    std::string text;
    std::string expected;
};

class ShellWords : public testing::TestWithParam<Case> {};

TEST_P(ShellWords, AreSplit) {
    EXPECT_EQ(shown(split_words(spliced(GetParam().text), variables, WordRules::shell)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ShellWords,
    testing::Values(Case{"pip  install 'a b' \"c $A\" d\\ e", "pip|install|a b|c one|d e"},
                    Case{"x=$A ${A}s ${A:-b} ${B:-b c} ${EMPTY:-d} ${EMPTY-d} ${A:+e} ${EMPTY:+e}", "x=one|ones|one|b c|d||e|"},
                    Case{"$UNKNOWN ${B} ${A#o} $? $", "$UNKNOWN?|${B}?|${A#o}?|?|$"}, Case{"a$(uname -m)b `date` c", "ab?|?|c"},
                    Case{"a && b || c; d | e", "a|&|&|b|||||c|;|d|||e"}, Case{"pip install x >out.txt 2>&1 <in y", "pip|install|x|y"},
                    Case{"a # b\nc", "a|\n|c"}, Case{"a#b '' \"unclosed $A", "a#b||unclosed one"}, Case{"\"\\$A \\x\" '$A'", "$A \\x|$A"},
                    Case{"${A", "?"}));

TEST(ShellCommands, KnowWhatWasAssignedBefore) {
    const auto commands = split_commands(
        spliced("set -e; V=2.9.1\nexport W=\"$V+cu129\" # x\nX=1 pip install torch==$W && { uv pip install y; }\n# z\n"), variables);
    std::vector<std::string> texts;
    for (const auto& command : commands) texts.push_back(shown(command));
    EXPECT_EQ(texts, (std::vector<std::string>{"set|-e", "pip|install|torch==2.9.1+cu129", "{|uv|pip|install|y", "}"}));
}

TEST(ShellWords, OfTheExecFormKeepTheirPlaces) {
    const auto words = split_exec_form(spliced("[\"pip\", \"in\\\"stall\"]"));
    ASSERT_TRUE(words);
    EXPECT_EQ(shown(*words), "pip|in\"stall");
    EXPECT_EQ((*words)[0].text.span(), (SourceSpan{2, 5}));
    EXPECT_FALSE(split_exec_form(spliced("[ -f x ]")));
    EXPECT_FALSE(split_exec_form(spliced("[\"a]")));
}

TEST(ShellWords, AreWrittenBackOnlyWhereTheyStandAsTheyAre) {
    const std::string file = "a'b'c $A plain";
    const auto words = split_words(spliced(file), variables, WordRules::shell);
    ASSERT_EQ(words.size(), 3u);
    EXPECT_FALSE(words[0].text.is_verbatim(file));
    EXPECT_FALSE(words[1].text.is_verbatim(file));
    EXPECT_TRUE(words[2].text.is_verbatim(file));
    EXPECT_EQ(words[2].text.span(), (SourceSpan{9, 14}));
}

}  // namespace

}  // namespace sagebuild
