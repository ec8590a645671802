#include "text/shell_words.hpp"

#include <algorithm>
#include <cctype>

namespace sagebuild {

namespace {

/// Text that variables may add to one word: values that contain each other grow without bound.
constexpr std::size_t most_foreign_bytes = 16384;
constexpr int deepest_default = 8;

bool is_name_byte(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

class WordSplitter {
  public:
    WordSplitter(const SplicedText& text, const Variables& variables, WordRules rules, char escape)
        : m_text(text), m_in(text.text()), m_variables(variables), m_is_shell(rules == WordRules::shell), m_escape(escape) {}

    std::vector<ShellWord> split() {
        while (m_at < m_in.size()) {
            const char letter = m_in[m_at];
            if (m_is_shell && (letter == '\n' || is_operator_byte(letter))) {
                read_operator();
            } else if (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n') {
                finish_word();
                ++m_at;
            } else if (m_is_shell && letter == '#' && !m_in_word) {
                m_at = std::min(m_in.find('\n', m_at), m_in.size());
            } else {
                read_part();
            }
        }
        finish_word();
        return std::move(m_words);
    }

  private:
    static bool is_operator_byte(char letter) {
        return letter == '&' || letter == '|' || letter == ';' || letter == '(' || letter == ')' || letter == '<' || letter == '>';
    }

    void finish_word() {
        if (m_in_word) m_words.push_back(std::move(m_word));
        m_word = {};
        m_in_word = false;
        m_foreign = 0;
    }

    /// Redirections go with the word behind them, so that no file name is taken for an argument.
    void read_operator() {
        const char first = m_in[m_at];
        if (first == '<' || first == '>') {
            const bool is_number =
                m_in_word && m_word.text.size() == 1 && std::isdigit(static_cast<unsigned char>(m_word.text.text()[0])) != 0;
            if (is_number) {
                m_word = {};
                m_in_word = false;
            }
            finish_word();
            while (m_at < m_in.size() && (m_in[m_at] == '<' || m_in[m_at] == '>' || m_in[m_at] == '&' || m_in[m_at] == '-')) ++m_at;
            while (m_at < m_in.size() && (m_in[m_at] == ' ' || m_in[m_at] == '\t')) ++m_at;
            while (m_at < m_in.size() && m_in[m_at] > ' ' && !is_operator_byte(m_in[m_at])) ++m_at;
            return;
        }
        finish_word();
        ShellWord word;
        word.is_operator = true;
        word.text.append(first, m_text.source(m_at));
        m_words.push_back(std::move(word));
        ++m_at;
    }

    void take(std::size_t index) {
        m_word.text.append(m_in[index], m_text.source(index));
        m_in_word = true;
    }

    void read_part() {
        const char letter = m_in[m_at];
        m_in_word = true;
        if (letter == '\'') {
            const std::size_t end = std::min(m_in.find('\'', m_at + 1), m_in.size());
            for (std::size_t index = m_at + 1; index < end; ++index) take(index);
            m_at = std::min(end + 1, m_in.size());
        } else if (letter == '"') {
            read_double_quoted();
        } else if (letter == escape()) {
            ++m_at;
            // An escaped line end joins the lines of a script.
            if (m_at < m_in.size() && m_in[m_at] != '\n') take(m_at);
            if (m_at < m_in.size()) ++m_at;
        } else if (letter == '$') {
            read_variable();
        } else if (letter == '`' && m_is_shell) {
            m_word.is_complete = false;
            m_at = std::min(m_in.find('`', m_at + 1), m_in.size() - 1) + 1;
        } else {
            take(m_at++);
        }
    }

    char escape() const { return m_is_shell ? '\\' : m_escape; }

    void read_double_quoted() {
        ++m_at;
        while (m_at < m_in.size() && m_in[m_at] != '"') {
            const char next = m_at + 1 < m_in.size() ? m_in[m_at + 1] : '\0';
            if (m_in[m_at] == '$') {
                read_variable();
            } else if (m_in[m_at] == escape() && (next == '"' || next == '$' || next == escape() || next == '`')) {
                take(m_at + 1);
                m_at += 2;
            } else {
                take(m_at++);
            }
        }
        if (m_at < m_in.size()) ++m_at;
    }

    void add_value(const std::string& value, std::size_t source) {
        m_foreign += value.size();
        if (m_foreign > most_foreign_bytes) {
            m_word.is_complete = false;
            return;
        }
        m_word.text.append_foreign(value, source);
    }

    std::optional<std::string> find(const std::string& name) const {
        const auto found = m_variables.find(name);
        return found == m_variables.end() ? std::nullopt : found->second;
    }

    /// At a `$`.
    void read_variable() {
        const std::size_t begin = m_at++;
        if (m_at >= m_in.size()) return take(begin);
        if (m_in[m_at] == '(') return skip_command();
        if (m_in[m_at] == '{') return read_braced(begin);
        std::size_t end = m_at;
        while (end < m_in.size() && is_name_byte(m_in[end])) ++end;
        if (end == m_at) {
            // `$?`, `$@`: known to the running shell only; a lone `$` is itself
            if (m_in[m_at] == ' ' || m_in[m_at] == '"') return take(begin);
            ++m_at;
            m_word.is_complete = false;
            return;
        }
        const auto value = find(m_in.substr(m_at, end - m_at));
        m_at = end;
        if (value) return add_value(*value, m_text.source(begin));
        m_word.is_complete = false;
        for (std::size_t index = begin; index < end; ++index) take(index);
    }

    void skip_command() {
        m_word.is_complete = false;
        int depth = 0;
        for (; m_at < m_in.size(); ++m_at) {
            if (m_in[m_at] == '(') ++depth;
            if (m_in[m_at] == ')' && --depth == 0) {
                ++m_at;
                return;
            }
        }
    }

    /// End of the braces that begin at `at`.
    std::size_t closing_brace(std::size_t at) const {
        int depth = 0;
        for (; at < m_in.size(); ++at) {
            if (m_in[at] == '{') ++depth;
            if (m_in[at] == '}' && --depth == 0) return at;
        }
        return std::string::npos;
    }

    /// `${name}`, `${name:-word}`, `${name-word}`, `${name:+word}`, `${name+word}`; other forms are not computed.
    void read_braced(std::size_t begin) {
        const std::size_t close = closing_brace(m_at);
        if (close == std::string::npos) {
            m_word.is_complete = false;
            m_at = m_in.size();
            return;
        }
        std::size_t end = m_at + 1;
        while (end < close && is_name_byte(m_in[end])) ++end;
        const auto value = find(m_in.substr(m_at + 1, end - m_at - 1));
        std::string operation = m_in.substr(end, close - end);
        m_at = close + 1;
        const bool counts_empty = operation.starts_with(':');
        if (counts_empty) operation.erase(0, 1);
        const bool is_set = value && !(counts_empty && value->empty());
        const std::size_t word_begin = close - (operation.empty() ? 0 : operation.size() - 1);
        if (operation.empty() && !counts_empty && value) return add_value(*value, m_text.source(begin));
        if (operation.starts_with('-')) return is_set ? add_value(*value, m_text.source(begin)) : add_word(word_begin, close, begin);
        if (operation.starts_with('+')) {
            if (is_set) add_word(word_begin, close, begin);
            return;
        }
        if (operation.starts_with('?') && is_set) return add_value(*value, m_text.source(begin));
        m_word.is_complete = false;
        for (std::size_t index = begin; index <= close; ++index) take(index);
    }

    /// The word of `${name:-word}`, which may hold variables itself. It keeps its place in the file.
    void add_word(std::size_t begin, std::size_t end, std::size_t source) {
        if (m_depth >= deepest_default) {
            m_word.is_complete = false;
            return;
        }
        const SplicedText inner = m_text.part(begin, end - begin);
        WordSplitter splitter(inner, m_variables, WordRules::dockerfile, escape());
        splitter.m_depth = m_depth + 1;
        const std::vector<ShellWord> words = splitter.split();
        for (const ShellWord& word : words) {
            if (&word != &words.front()) m_word.text.append(' ', m_text.source(source));
            m_word.text.append(word.text);
            m_word.is_complete = m_word.is_complete && word.is_complete;
        }
    }

    const SplicedText& m_text;
    const std::string& m_in;
    const Variables& m_variables;
    bool m_is_shell;
    char m_escape;
    int m_depth = 0;
    std::size_t m_at = 0;
    std::size_t m_foreign = 0;
    bool m_in_word = false;
    ShellWord m_word;
    std::vector<ShellWord> m_words;
};

/// The name of `NAME=value`, empty if the word is no assignment.
std::string assigned_name(const ShellWord& word) {
    const std::string& text = word.text.text();
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return "";
    const std::string name = text.substr(0, equals);
    return std::all_of(name.begin(), name.end(), is_name_byte) ? name : "";
}

void assign(Variables& variables, const ShellWord& word) {
    const std::string name = assigned_name(word);
    if (name.empty()) return;
    variables[name] = word.is_complete ? std::optional(word.text.text().substr(name.size() + 1)) : std::nullopt;
}

}  // namespace

std::vector<ShellWord> split_words(const SplicedText& text, const Variables& variables, WordRules rules, char escape) {
    return WordSplitter(text, variables, rules, escape).split();
}

std::optional<std::vector<ShellWord>> split_exec_form(const SplicedText& text) {
    const std::string& in = text.text();
    if (!in.starts_with('[') || !in.ends_with(']')) return std::nullopt;
    std::vector<ShellWord> words;
    for (std::size_t at = 1; at + 1 < in.size(); ++at) {
        if (in[at] == ' ' || in[at] == '\t' || in[at] == ',') continue;
        if (in[at] != '"') return std::nullopt;
        ShellWord word;
        for (++at; at < in.size() && in[at] != '"'; ++at) {
            if (in[at] == '\\' && at + 1 < in.size()) ++at;
            word.text.append(in[at], text.source(at));
        }
        if (at >= in.size()) return std::nullopt;
        words.push_back(std::move(word));
    }
    return words;
}

std::vector<std::vector<ShellWord>> split_commands(const SplicedText& script, Variables variables) {
    std::vector<std::vector<ShellWord>> commands;
    // Commands are split first without values, then one by one with what was assigned before.
    SplicedText command;
    const auto finish = [&] {
        std::vector<ShellWord> words = split_words(command, variables, WordRules::shell);
        std::erase_if(words, [](const ShellWord& word) { return word.is_operator; });
        command = {};
        const bool is_export = !words.empty() && words.front().text.text() == "export";
        const auto first = std::find_if(words.begin() + (is_export ? 1 : 0), words.end(),
                                        [](const ShellWord& word) { return assigned_name(word).empty(); });
        if (first == words.end()) {
            for (const ShellWord& word : words) assign(variables, word);
            return;
        }
        words.erase(words.begin(), first);
        commands.push_back(std::move(words));
    };
    const std::string& in = script.text();
    char quote = '\0';
    int depth = 0;  // of `${...}` and `$(...)`, whose operators belong to the word
    bool at_word = true;
    for (std::size_t at = 0; at < in.size(); ++at) {
        const char letter = in[at];
        if (quote == '\0' && depth == 0 && letter == '#' && at_word) {
            at = std::min(in.find('\n', at), in.size());
            finish();
            continue;
        }
        const bool ends = quote == '\0' && depth == 0 && (letter == '\n' || letter == ';' || letter == '&' || letter == '|');
        if (ends) {
            const bool is_redirection = letter == '&' && at > 0 && (in[at - 1] == '>' || in[at - 1] == '<');
            if (!is_redirection) {
                finish();
                at_word = true;
                continue;
            }
        }
        at_word = letter == ' ' || letter == '\t';
        command.append(letter, script.source(at));
        if (letter == '\\' && quote != '\'' && at + 1 < in.size()) {
            ++at;
            command.append(in[at], script.source(at));
        } else if (quote == '\0' && (letter == '"' || letter == '\'')) {
            quote = letter;
        } else if (letter == quote) {
            quote = '\0';
        } else if (letter == '$' && at + 1 < in.size() && (in[at + 1] == '{' || in[at + 1] == '(')) {
            ++depth;
        } else if ((letter == '}' || letter == ')') && depth > 0) {
            --depth;
        }
    }
    finish();
    return commands;
}

}  // namespace sagebuild
