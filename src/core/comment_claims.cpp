#include "core/comment_claims.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace sagebuild {

namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_word_byte(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

/// A word, and what a number behind it speaks of.
struct Keyword {
    std::string_view word;
    ClaimSubject subject;
    std::size_t joined_parts;  ///< most parts of a number without dots right behind the word; 0: there is no such notation
};

constexpr std::array keywords = {
    Keyword{"build", ClaimSubject::release_build, 0}, Keyword{"pytorch", ClaimSubject::torch, 3},
    Keyword{"torch", ClaimSubject::torch, 3},         Keyword{"pt", ClaimSubject::torch, 3},
    Keyword{"cuda", ClaimSubject::cuda, 2},           Keyword{"cu", ClaimSubject::cuda, 2},
    Keyword{"python", ClaimSubject::python, 2},       Keyword{"py", ClaimSubject::python, 2},
    Keyword{"cp", ClaimSubject::python, 2},
};

/// `128` of CUDA is 12.8, `312` of Python 3.12, `28` and `280` of torch 2.8 and 2.8.0.
std::optional<Version> split_joined(ClaimSubject subject, std::string_view digits) {
    const std::size_t major = subject == ClaimSubject::cuda ? 2 : 1;
    if (digits.size() <= major || digits.size() > 4) return std::nullopt;
    std::string text = std::string(digits.substr(0, major)) + ".";
    const bool has_patch = subject == ClaimSubject::torch && digits.size() >= 3;
    text += digits.substr(major, digits.size() - major - (has_patch ? 1 : 0));
    if (has_patch) text += "." + std::string(digits.substr(digits.size() - 1));
    return parse_version(text);
}

class ClaimFinder {
  public:
    ClaimFinder(std::string_view comment, std::string_view distribution) : m_distribution(distribution) {
        m_text.reserve(comment.size());
        for (const char letter : comment) m_text += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        hide_urls();
    }

    std::vector<CommentClaim> find() {
        for (std::size_t at = 0; at < m_text.size(); ++at) {
            const bool begins_word = is_word_byte(m_text[at]) && (at == 0 || !is_word_byte(m_text[at - 1]));
            if (begins_word) at = read_word(at) - 1;
        }
        return std::move(m_claims);
    }

  private:
    /// URLs and file names are no claims: they are blanked out, places stay.
    void hide_urls() {
        for (std::size_t begin = 0; begin < m_text.size();) {
            const std::size_t end = std::min(m_text.find_first_of(" \t", begin), m_text.size());
            const std::string_view word = std::string_view(m_text).substr(begin, end - begin);
            if (word.find("://") != std::string_view::npos || word.find(".whl") != std::string_view::npos)
                std::fill(m_text.begin() + static_cast<std::ptrdiff_t>(begin), m_text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
            begin = end + 1;
        }
    }

    /// Reads the claim that begins at a word; returns where to go on.
    std::size_t read_word(std::size_t at) {
        std::size_t end = at;
        while (end < m_text.size() && is_word_byte(m_text[end])) ++end;
        if (is_digit(m_text[at]) || (m_text[at] == 'v' && at + 1 < end && is_digit(m_text[at + 1]))) return read_bare(at);
        for (const Keyword& keyword : keywords) {
            if (!std::string_view(m_text).substr(at, end - at).starts_with(keyword.word)) continue;
            const std::size_t behind = at + keyword.word.size();
            const bool is_attached = behind < end;
            if (is_attached && !is_digit(m_text[behind]) && m_text[behind] != '_') continue;
            return read_number(keyword, is_attached ? behind : end, is_attached);
        }
        if (!m_distribution.empty() && has_name(at)) return read_number({"", ClaimSubject::version, 0}, at + m_distribution.size(), false);
        return end;
    }

    /// The distribution's name in any of its spellings.
    bool has_name(std::size_t at) const {
        if (m_text.size() - at < m_distribution.size()) return false;
        for (std::size_t index = 0; index < m_distribution.size(); ++index) {
            const char letter = m_text[at + index];
            const bool same = letter == m_distribution[index] || (m_distribution[index] == '-' && (letter == '_' || letter == '.'));
            if (!same) return false;
        }
        const std::size_t end = at + m_distribution.size();
        return end == m_text.size() || !is_word_byte(m_text[end]);
    }

    std::size_t skip_separators(std::size_t at) const {
        std::size_t count = 0;
        while (at < m_text.size() && count < 3 && std::string_view(" =:-.#_v").find(m_text[at]) != std::string_view::npos) {
            ++at;
            ++count;
        }
        return at;
    }

    /// End of `1.2.3` at `at`.
    std::size_t number_end(std::size_t at) const {
        while (at < m_text.size() && (is_digit(m_text[at]) || (m_text[at] == '.' && at + 1 < m_text.size() && is_digit(m_text[at + 1]))))
            ++at;
        return at;
    }

    /// `2.8+`, `2.8 or newer` and `2.8.x` leave the number open.
    bool is_open_range(std::size_t end) const {
        const std::string_view rest = std::string_view(m_text).substr(end);
        if (rest.starts_with("+") && !rest.starts_with("+cu") && !rest.starts_with("+cpu")) return true;
        for (const std::string_view link : {" or ", " and ", " to ", " - ", "-", ".x"}) {
            if (!rest.starts_with(link)) continue;
            const std::string_view next = rest.substr(link.size());
            if (link == ".x" || (!next.empty() && is_digit(next[0]))) return true;
            for (const std::string_view more : {"newer", "later", "higher", "above", "up", "greater"}) {
                if (next.starts_with(more)) return true;
            }
        }
        return end < m_text.size() && is_word_byte(m_text[end]) && m_text[end] != '_';
    }

    std::size_t read_number(const Keyword& keyword, std::size_t from, bool is_attached) {
        const std::size_t begin = is_attached && m_text[from] != '_' ? from : skip_separators(from);
        const std::size_t end = number_end(begin);
        if (end == begin) return std::max(from, begin);
        const std::string_view digits = std::string_view(m_text).substr(begin, end - begin);
        const bool has_dot = digits.find('.') != std::string_view::npos;
        if (is_open_range(end)) return end;
        const bool is_joined =
            is_attached && !has_dot && keyword.joined_parts > 0 && digits.size() > (keyword.subject == ClaimSubject::cuda ? 2 : 1);
        const auto value = is_joined ? split_joined(keyword.subject, digits) : parse_version(digits);
        if (!value) return end;
        // A lone number behind `torch` or `python` names a thing, not a release.
        const bool says_enough =
            has_dot || is_joined || keyword.subject == ClaimSubject::cuda || keyword.subject == ClaimSubject::release_build;
        if (!says_enough) return end;
        if (keyword.subject == ClaimSubject::python && value->part(0) != 3) return end;
        if (keyword.subject == ClaimSubject::cuda && value->part(0) < 9) return end;
        m_claims.push_back({keyword.subject, {begin, end}, std::string(digits), *value, is_joined});
        return end;
    }

    /// `2.8/cu128`, `2.8+cu128` speak of torch; `v2.2.0-build.10` of a release.
    std::size_t read_bare(std::size_t at) {
        const std::size_t begin = m_text[at] == 'v' ? at + 1 : at;
        const std::size_t end = number_end(begin);
        const std::string_view rest = std::string_view(m_text).substr(end);
        const auto value = parse_version(std::string_view(m_text).substr(begin, end - begin));
        const auto claim = [&](ClaimSubject subject) {
            m_claims.push_back({subject, {begin, end}, m_text.substr(begin, end - begin), *value, false});
        };
        const bool before_cuda =
            (rest.starts_with("/cu") || rest.starts_with("+cu")) && rest.size() > 3 && (is_digit(rest[3]) || rest[3] == 'd');
        if (value && value->size() >= 2 && before_cuda) claim(ClaimSubject::torch);
        if (value && value->size() >= 2 && (rest.starts_with("-build") || rest.starts_with("+build"))) claim(ClaimSubject::version);
        return std::max(end, at + 1);
    }

    std::string_view m_distribution;
    std::string m_text;
    std::vector<CommentClaim> m_claims;
};

}  // namespace

const std::optional<Version>& ClaimFacts::of(ClaimSubject subject) const {
    switch (subject) {
        case ClaimSubject::release_build:
            return release_build;
        case ClaimSubject::torch:
            return torch;
        case ClaimSubject::cuda:
            return cuda;
        case ClaimSubject::python:
            return python;
        case ClaimSubject::version:
            break;
    }
    return version;
}

std::string_view subject_name(ClaimSubject subject) {
    switch (subject) {
        case ClaimSubject::release_build:
            return "build";
        case ClaimSubject::torch:
            return "torch";
        case ClaimSubject::cuda:
            return "CUDA";
        case ClaimSubject::python:
            return "Python";
        case ClaimSubject::version:
            break;
    }
    return "version";
}

std::vector<CommentClaim> find_comment_claims(std::string_view comment, std::string_view distribution) {
    return ClaimFinder(comment, distribution).find();
}

bool contradicts(const CommentClaim& claim, const Version& fact) {
    const std::size_t parts = std::min(claim.value.size(), fact.size());
    return claim.value.prefix(parts) != fact.prefix(parts);
}

std::string render_claim(const CommentClaim& claim, const Version& fact) {
    std::string text = fact.prefix(std::max<std::size_t>(claim.value.size(), 1)).to_string();
    if (claim.is_joined) text.erase(std::remove(text.begin(), text.end(), '.'), text.end());
    return text;
}

}  // namespace sagebuild
