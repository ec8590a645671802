#include "core/notes_claims.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/python_version_order.hpp"
#include "core/text_list.hpp"

namespace sagebuild {

namespace {

enum class Subject { torch, cuda, python, arch };

/// A word, and what a number behind it speaks of.
struct Keyword {
    std::string_view word;
    Subject subject;
    bool takes_joined;  ///< `128` behind a space is 12.8
};

constexpr std::array keywords = {
    Keyword{"pytorch", Subject::torch, false},
    Keyword{"torch", Subject::torch, false},
    Keyword{"cuda", Subject::cuda, true},
    Keyword{"cu", Subject::cuda, true},
    Keyword{"python", Subject::python, false},
    Keyword{"py", Subject::python, false},
    Keyword{"cp", Subject::python, false},
    Keyword{"compute capability", Subject::arch, false},
    Keyword{"compute capabilities", Subject::arch, false},
    Keyword{"compute", Subject::arch, true},
    Keyword{"sm", Subject::arch, true},
    Keyword{"archs", Subject::arch, false},
    Keyword{"arch", Subject::arch, false},
};

/// What joins the numbers of one list; longer ones first.
constexpr std::array<std::string_view, 14> links = {", and ",         ", or ", " and ", " or ", " to ", " / ", " | ",
                                                    " \xE2\x80\x93 ", ", ",    ",",     "/",    "|",    "-",   "\xE2\x80\x93"};

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_letter(char letter) {
    return std::isalpha(static_cast<unsigned char>(letter)) != 0;
}

/// What a number may mean; `210` of torch is 2.1.0 or 2.10.
struct Reading {
    std::vector<Version> versions;
    std::optional<Arch> arch;

    bool is_empty() const { return versions.empty() && !arch; }
};

Reading read_joined(Subject subject, std::string_view digits, std::string_view suffix) {
    Reading reading;
    const auto add = [&](const std::string& text) {
        if (const auto version = parse_version(text)) reading.versions.push_back(*version);
    };
    const std::string text(digits);
    if (subject == Subject::arch) {
        reading.arch = parse_compiler_arch(text + std::string(suffix));
    } else if (subject == Subject::cuda && digits.size() <= 4) {
        add(digits.size() < 3 ? text : text.substr(0, 2) + "." + text.substr(2));
    } else if (digits.size() >= 2 && digits.size() <= 4) {
        add(text.substr(0, 1) + "." + text.substr(1));
        if (subject == Subject::torch && digits.size() >= 3)
            add(text.substr(0, 1) + "." + text.substr(1, text.size() - 2) + "." + text.substr(text.size() - 1));
    }
    return reading;
}

Reading read_dotted(Subject subject, std::string_view number, std::string_view suffix) {
    Reading reading;
    if (subject == Subject::arch) {
        reading.arch = parse_arch(std::string(number) + std::string(suffix));
    } else if (const auto version = parse_version(number)) {
        reading.versions.push_back(*version);
    }
    return reading;
}

class ClaimChecker {
  public:
    ClaimChecker(const SourceText& source, const std::vector<SourceSpan>& hidden, const NotesFacts& contents)
        : m_source(source), m_contents(contents) {
        for (const char letter : source.bytes()) m_text += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        for (const SourceSpan& span : hidden) hide(span);
        for (std::size_t index = 0; index < source.line_count(); ++index) {
            const SourceSpan line = source.line(index);
            if (source.at(line).find(no_claim_mark) != std::string_view::npos) hide(line);
        }
    }

    Diagnostics run() {
        for (std::size_t at = 0; at < m_text.size();) {
            const bool begins_word = is_letter(m_text[at]) && (at == 0 || !(is_letter(m_text[at - 1]) || is_digit(m_text[at - 1])));
            at = begins_word ? read_word(at) : at + 1;
        }
        return std::move(m_problems);
    }

  private:
    void hide(const SourceSpan& span) {
        std::fill(m_text.begin() + static_cast<std::ptrdiff_t>(span.begin), m_text.begin() + static_cast<std::ptrdiff_t>(span.end), '\0');
    }

    std::string_view rest(std::size_t at) const { return std::string_view(m_text).substr(std::min(at, m_text.size())); }

    /// Reads the claims that begin at a word; returns where to go on.
    std::size_t read_word(std::size_t at) {
        for (const Keyword& keyword : keywords) {
            const std::size_t behind = at + keyword.word.size();
            if (!rest(at).starts_with(keyword.word) || (behind < m_text.size() && is_letter(m_text[behind]))) continue;
            return read_list(keyword, at, behind);
        }
        return at + 1;
    }

    std::size_t skip_separators(std::size_t at) const {
        constexpr std::string_view separators = " \n=:-_v~<>*`(\xE2\x89\xA5\xA4";  // the last three: `≥` and `≤`
        const std::size_t most = std::min(at + 6, m_text.size());
        while (at < most && separators.find(m_text[at]) != std::string_view::npos) ++at;
        return at;
    }

    std::size_t number_end(std::size_t at) const {
        while (at < m_text.size() && (is_digit(m_text[at]) || (m_text[at] == '.' && at + 1 < m_text.size() && is_digit(m_text[at + 1]))))
            ++at;
        return at;
    }

    std::size_t read_list(const Keyword& keyword, std::size_t word, std::size_t behind) {
        const std::size_t first = skip_separators(behind);
        std::size_t end = number_end(first);
        if (end == first) return behind;
        const bool is_joined = keyword.takes_joined || first == behind;
        const bool has_dot = rest(first).substr(0, end - first).find('.') != std::string_view::npos;
        const std::size_t first_size = end - first;  // a date behind `cu130, ` is no further CUDA
        end = read_number(keyword.subject, is_joined, word, first, end);
        while (true) {
            const auto link = std::find_if(links.begin(), links.end(), [&](std::string_view each) {
                return rest(end).starts_with(each) && !rest(end + each.size()).empty() && is_digit(rest(end + each.size())[0]);
            });
            if (link == links.end()) return end;
            const std::size_t begin = end + link->size();
            const std::size_t next = number_end(begin);
            const bool is_alike = has_dot ? rest(begin).substr(0, next - begin).find('.') != std::string_view::npos
                                          : next - begin == first_size || (keyword.subject == Subject::arch && next - begin <= 3);
            const bool is_quantity = rest(next).starts_with("x") || rest(next).starts_with("%") || rest(next).starts_with("\xC3\x97");
            if (!is_alike || is_quantity) return end;
            end = read_number(keyword.subject, is_joined, begin, begin, next);
        }
    }

    /// Judges one number; returns where it ends.
    std::size_t read_number(Subject subject, bool is_joined, std::size_t shown_from, std::size_t begin, std::size_t end) {
        std::string_view suffix;
        if (subject == Subject::arch && !rest(end).empty() && (rest(end)[0] == 'a' || rest(end)[0] == 'f') &&
            (rest(end).size() == 1 || !is_letter(rest(end)[1]))) {
            suffix = rest(end).substr(0, 1);
        }
        const std::string_view number = rest(begin).substr(0, end - begin);
        const bool has_dot = number.find('.') != std::string_view::npos;
        const bool is_major = subject == Subject::cuda && number.size() <= 2;
        Reading reading;
        if (has_dot) reading = read_dotted(subject, number, suffix);
        if (!has_dot && (is_joined || is_major)) reading = read_joined(subject, number, suffix);
        end += suffix.size();
        if (!reading.is_empty() && !is_backed(subject, reading)) add(subject, {shown_from, end});
        return end;
    }

    bool is_backed(Subject subject, const Reading& reading) const {
        if (subject == Subject::arch) return m_contents.has_arch(*reading.arch);
        return std::any_of(reading.versions.begin(), reading.versions.end(), [&](const Version& version) {
            switch (subject) {
                case Subject::torch:
                    return m_contents.has_torch(version);
                case Subject::cuda:
                    return version.part(0) < 9 || m_contents.has_cuda(version);  // no release of CUDA in use
                case Subject::python:
                    return version.part(0) != 3 || m_contents.has_python(version);
                case Subject::arch:
                    break;
            }
            return false;
        });
    }

    std::string what_there_is(Subject subject) const {
        std::string from;
        switch (subject) {
            case Subject::torch:
                if (m_contents.any_torch_from) from = "any from " + m_contents.any_torch_from->to_string();
                return joined(join_values(m_contents.torch), from);
            case Subject::cuda:
                return joined(join_values(m_contents.cuda), "");
            case Subject::python:
                if (!m_contents.python_from.empty()) from = "any that `" + m_contents.python_from.front().second + "` allows";
                return joined(join_values(m_contents.pythons), from);
            case Subject::arch:
                break;
        }
        return joined(join_values(m_contents.images), m_contents.covered.empty() ? "" : "and for " + join_values(m_contents.covered));
    }

    static std::string joined(const std::string& list, const std::string& more) {
        if (list.empty() && more.empty()) return "the wheels say nothing of it";
        return "the wheels have " + list + (list.empty() || more.empty() ? "" : ", ") + more;
    }

    void add(Subject subject, SourceSpan at) {
        constexpr std::size_t most_problems = 50;
        if (m_problems.size() >= most_problems) return;
        std::string claim(m_source.at(at));
        std::replace(claim.begin(), claim.end(), '\n', ' ');
        constexpr std::array names = {"torch", "CUDA", "Python", "GPU arch"};
        Diagnostic problem = m_source.error(at, "SB0651", "no wheel backs `" + printable(claim, 60) + "`", what_there_is(subject));
        problem.notes = {std::string("it is read as a claim about ") + names[static_cast<std::size_t>(subject)]};
        if (m_problems.empty())
            problem.hints = {"a line that tells what is missing ends with `" + std::string(no_claim_mark) + "`, which is left out"};
        m_problems.push_back(std::move(problem));
    }

    const SourceText& m_source;
    const NotesFacts& m_contents;
    std::string m_text;
    Diagnostics m_problems;
};

bool agree(const Version& left, const Version& right, std::size_t most_parts) {
    const std::size_t parts = std::min({left.size(), right.size(), most_parts});
    return left.prefix(parts) == right.prefix(parts);
}

}  // namespace

/// A wheel for 2.8.0 requires `torch==2.8.*`, so 2.8.1 is served too.
bool NotesFacts::has_torch(const Version& version) const {
    if (any_torch_from && version >= *any_torch_from) return true;
    return std::any_of(torch.begin(), torch.end(), [&](const Version& each) { return agree(each, version, 2); });
}

bool NotesFacts::has_cuda(const Version& version) const {
    return std::any_of(cuda.begin(), cuda.end(), [&](const Version& each) { return agree(each, version, 3); });
}

bool NotesFacts::has_python(const Version& version) const {
    const Version minor = version.prefix(2);
    if (std::find(pythons.begin(), pythons.end(), minor) != pythons.end()) return true;
    return std::any_of(python_from.begin(), python_from.end(), [&](const auto& each) {
        return minor >= each.first && allows_python(each.second, minor.part(0), minor.part(1)).value_or(true);
    });
}

/// `sm_90a` claims that chip's own instructions, `sm_90` any image of 9.0.
bool NotesFacts::has_arch(const Arch& arch) const {
    const auto matches = [&](const Arch& each) { return arch.feature == ArchFeature::portable ? each.capability() == arch : each == arch; };
    return std::any_of(images.begin(), images.end(), matches) || std::any_of(covered.begin(), covered.end(), matches);
}

Diagnostics find_unbacked_claims(const SourceText& text, const std::vector<SourceSpan>& hidden, const NotesFacts& contents) {
    return ClaimChecker(text, hidden, contents).run();
}

}  // namespace sagebuild
