#include "core/python_version.hpp"

#include <array>
#include <cstddef>

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_separator(char letter) {
    return letter == '.' || letter == '_' || letter == '-';
}

bool is_local_character(char letter) {
    return is_digit(letter) || (lower(letter) >= 'a' && lower(letter) <= 'z');
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    bool at_end() const { return m_at == m_text.size(); }
    bool take(char letter) {
        if (at_end() || lower(m_text[m_at]) != letter) return false;
        ++m_at;
        return true;
    }
    bool take_digits() {
        const std::size_t begin = m_at;
        while (!at_end() && is_digit(m_text[m_at])) ++m_at;
        return m_at > begin;
    }
    /// `N(.N)*`
    bool take_release() {
        if (!take_digits()) return false;
        for (std::size_t before = m_at; take('.'); before = m_at) {
            if (take_digits()) continue;
            m_at = before;
            break;
        }
        return true;
    }
    /// `[-_.]?(word1|word2|...)[-_.]?N?`, or nothing.
    template <std::size_t Count>
    void take_suffix(const std::array<std::string_view, Count>& words) {
        const std::size_t before = m_at;
        take_separator();
        for (const std::string_view word : words) {
            if (!take_word(word)) continue;
            const std::size_t behind_word = m_at;
            take_separator();
            if (!take_digits()) m_at = behind_word;
            return;
        }
        m_at = before;
    }
    /// `-N`: the short spelling of a post release.
    void take_implicit_post() {
        const std::size_t before = m_at;
        if (!take('-') || !take_digits()) m_at = before;
    }
    /// `+word([-_.]word)*`
    bool take_local() {
        if (!take('+')) return true;
        do {
            const std::size_t begin = m_at;
            while (!at_end() && is_local_character(m_text[m_at])) ++m_at;
            if (m_at == begin) return false;
        } while (take_separator());
        return true;
    }
    void take_epoch() {
        const std::size_t before = m_at;
        if (!take_digits() || !take('!')) m_at = before;
    }

  private:
    bool take_separator() {
        if (at_end() || !is_separator(m_text[m_at])) return false;
        ++m_at;
        return true;
    }
    bool take_word(std::string_view word) {
        if (m_text.size() - m_at < word.size()) return false;
        for (std::size_t index = 0; index < word.size(); ++index) {
            if (lower(m_text[m_at + index]) != word[index]) return false;
        }
        m_at += word.size();
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

// A longer word stands before one that it starts with.
constexpr std::array<std::string_view, 8> pre_release_words = {"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"};
constexpr std::array<std::string_view, 3> post_release_words = {"post", "rev", "r"};
constexpr std::array<std::string_view, 1> development_words = {"dev"};

}  // namespace

bool is_python_version(std::string_view text) {
    Scanner scanner(text);
    scanner.take('v');
    scanner.take_epoch();
    if (!scanner.take_release()) return false;
    scanner.take_suffix(pre_release_words);
    scanner.take_implicit_post();
    scanner.take_suffix(post_release_words);
    scanner.take_suffix(development_words);
    return scanner.take_local() && scanner.at_end();
}

}  // namespace sagebuild
