#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spliced_text.hpp"

namespace sagebuild {

/// Variables by name; one that is not there, or has no value, is not known here.
using Variables = std::map<std::string, std::optional<std::string>>;

/// A word with its quotes, escapes and variables resolved.
struct ShellWord {
    SplicedText text;
    bool is_complete = true;   ///< every variable in it is known, and nothing in it is computed
    bool is_operator = false;  ///< `&&`, `|`, `;`, a line end and the like
};

/// What splits and quotes words: the arguments of Dockerfile instructions know no operators (Dockerfile reference, «Environment
/// replacement»), the shell does (POSIX.1-2017, Shell Command Language, 2.2 to 2.6).
enum class WordRules { dockerfile, shell };

/// The words of `text`. `escape` is the Dockerfile's escape character; the shell's is always `\`.
std::vector<ShellWord> split_words(const SplicedText& text, const Variables& variables, WordRules rules, char escape = '\\');

/// The words of `["a", "b"]`, the exec form; empty if `text` is not of that form.
std::optional<std::vector<ShellWord>> split_exec_form(const SplicedText& text);

/// Commands between operators. Assignments (`NAME=value`, `export NAME=value`) are taken for those behind them and are no commands.
std::vector<std::vector<ShellWord>> split_commands(const SplicedText& script, Variables variables);

}  // namespace sagebuild
